// The published package: `npm pack` as in a clean clone, its contents, and whether it works where npm has
// installed it. The test packs a copy of the sources, since packing builds them, and other tests read this
// dist/.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import pkg from '../../package.json' with { type: 'json' };
import { readElf } from '../../.ci/elf.mjs';
import { forWantOf, needs } from '../rig/tree.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const MANUAL = pkg.man[0] ?? '';
const top = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-package.'));
after(() => {
  fs.rmSync(top, { recursive: true, force: true });
});

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(cwd: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const [program = '', ...args] = argv;
  const own = {
    PATH: process.env.PATH,
    HOME: top,
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...own, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/**
 * Makes a clone: the sources without anything built from them.
 * @param installed whether it has the packages that `npm ci` installs.
 */
function clone(name: string, installed = true): string {
  const folder = path.join(top, name);
  const not = new Set(['.git', 'node_modules', 'dist', 'build', '.loglin', 'sample-logs', 'test']);
  fs.mkdirSync(folder);
  for (const entry of fs.readdirSync(ROOT))
    if (!not.has(entry) && !entry.endsWith('.tgz'))
      fs.cpSync(path.join(ROOT, entry), path.join(folder, entry), { recursive: true });
  if (installed) fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/** Makes a folder for PATH that has only these of the machine's programs. */
function only(name: string, ...programs: readonly string[]): string {
  const folder = path.join(top, name);
  fs.mkdirSync(folder);
  for (const program of ['node', 'npm', 'sh', 'env', 'uname', ...programs]) {
    const found = run('/', ['sh', '-c', 'command -v "$0"', program]).stdout.trim();
    assert.ok(found, program);
    fs.symlinkSync(found, path.join(folder, program));
  }
  return folder;
}

/** Each file below a folder, sorted. */
function files(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** The package and its installation by npm, made once. */
let packed: { archive: string; folder: string } | undefined;
function pack(): { archive: string; folder: string } {
  if (packed) return packed;
  const folder = clone('clone');
  const { status, stdout, stderr } = run(folder, ['npm', 'pack', '--silent']);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '', 'nothing is missing');
  const archive = path.join(folder, stdout.trim().split('\n').at(-1) ?? '');
  const unpacked = path.join(top, 'unpacked');
  fs.mkdirSync(unpacked);
  assert.equal(run(unpacked, ['tar', '-xzf', archive]).status, 0);
  packed = { archive, folder: path.join(unpacked, 'package') };
  return packed;
}

const TOOLS = ['npm', 'tar', 'cc', process.arch === 'x64' ? 'aarch64-linux-gnu-gcc' : 'x86_64-linux-gnu-gcc'];

test('package: it has the files that it needs, and no others', (t) => {
  if (!needs(t, ...TOOLS)) return;
  const { folder } = pack();
  const found = files(folder);
  assert.deepEqual(
    found.filter((file) => !file.includes('/')),
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'],
  );
  assert.deepEqual(
    [...new Set(found.map((file) => file.split('/')[0]).filter((one) => !one?.includes('.')))],
    ['LICENSE', 'bin', 'dist', 'docs'],
  );
  assert.deepEqual(
    found.filter((file) => file.startsWith('docs/')),
    files(path.join(ROOT, 'docs')).map((file) => `docs/${file}`),
  );
  for (const file of [
    ...Object.values(pkg.bin),
    MANUAL,
    'dist/main.cjs',
    'dist/hooks/make/loglin.mk',
    'dist/NOTICE',
  ])
    assert.ok(found.includes(file), file);
});

test('package: libraries and launchers are for x64 and arm64, under any C library', (t) => {
  if (!needs(t, ...TOOLS)) return;
  const lib = path.join(pack().folder, 'dist/lib');
  const names = ['libloglin-readers.so', 'libloglin.so', 'loglin-launch'];
  assert.deepEqual(
    files(lib),
    ['linux-arm64', 'linux-x64'].flatMap((folder) => names.map((name) => `${folder}/${name}`)),
  );
  for (const machine of ['arm64', 'x64'])
    for (const name of names) {
      const file = path.join(lib, `linux-${machine}`, name);
      assert.deepEqual(readElf(file), { machine, interpreter: undefined, needed: [], versions: false }, file);
      assert.ok(fs.statSync(file).mode & 0o111);
    }
});

test('package: it has the licences of the bundled packages, and no others', (t) => {
  if (!needs(t, ...TOOLS)) return;
  const { folder } = pack();
  const notice = fs.readFileSync(path.join(folder, 'dist/NOTICE'), 'utf8');
  const named = notice
    .split(`\n${'-'.repeat(80)}\n\n`)
    .slice(1)
    .map((part) => {
      const [, name = '', version = '', text = ''] = /^(\S+) (\S+) \([^)]+\)\n\n([^]+)$/.exec(part) ?? [];
      const own = JSON.parse(
        fs.readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8'),
      ) as {
        version: string;
      };
      assert.equal(version, own.version, name);
      assert.match(text, /copyright/i, name);
      assert.match(text, /WARRANT/, name);
      return name;
    });
  assert.deepEqual(named, [
    '@humanwhocodes/momoa',
    '@modelcontextprotocol/sdk',
    'ansi-regex',
    'aws4fetch',
    'blessed',
    'commander',
    'diff',
    'fflate',
    'get-east-asian-width',
    'inherits',
    'json-stringify-safe',
    'modern-tar',
    'ndjson',
    'picomatch',
    'preact',
    'readable-stream',
    'safe-buffer',
    'split2',
    'string-width',
    'string_decoder',
    'strip-ansi',
    'through2',
    'util-deprecate',
    'ws',
    'zod',
    'zod-to-json-schema',
  ]);
});

test('package: an installed one records a build; its help names the pages; man finds its page', (t) => {
  if (!needs(t, ...TOOLS, 'make')) return;
  const { archive } = pack();
  const prefix = path.join(top, 'prefix');
  const { status, stderr } = run(top, ['npm', 'install', '--global', '--prefix', prefix, archive]);
  assert.equal(status, 0, stderr);
  const loglin = path.join(prefix, 'bin/loglin');
  const home = fs.realpathSync(path.join(prefix, 'lib/node_modules/loglin'));

  const help = run(top, [loglin, '--help']).stdout;
  const [, docs = ''] = /^Manual: man loglin, (\/.*\/)$/m.exec(help) ?? [];
  assert.equal(docs, path.join(home, 'docs/'));
  assert.deepEqual(files(docs), files(path.join(ROOT, 'docs')));
  for (const command of commands()) {
    const [, page = ''] = /^More: (\/.*)$/m.exec(run(top, [loglin, command, '--help']).stdout) ?? [];
    assert.match(
      fs.readFileSync(page, 'utf8'),
      new RegExp(`loglin.*\\b${command}\\b`),
      `${command}: ${page}`,
    );
  }

  const manual = fs.realpathSync(path.join(prefix, 'share/man/man1/loglin.1'));
  assert.equal(manual, path.join(home, MANUAL));

  const project = path.join(top, 'project');
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'Makefile'), 'all: a b\na b:\n\t@echo building $@\n');
  const built = run(project, [loglin, 'make', '-j2']);
  assert.deepEqual(built, { status: 0, stdout: '▸ a\nbuilding a\n▸ b\nbuilding b\n', stderr: '' });
});

/** The commands except help, which takes no options. */
function commands(): string[] {
  const text = fs.readFileSync(path.join(ROOT, 'src/cli/main.ts'), 'utf8');
  const names = [...text.matchAll(/^ {2}(\w+): \(\) => import/gm)].flatMap(([, name]) => name ?? []);
  assert.ok(names.includes('run') && names.includes('doctor'));
  return names.filter((name) => name !== 'help');
}

test('package: the manual has every command and option, and nothing that man or mandoc objects to', (t) => {
  if (!needs(t, ...TOOLS, 'mandoc', 'man')) return;
  const { folder } = pack();
  const page = path.join(folder, MANUAL);
  assert.deepEqual(run(top, ['mandoc', '-Tlint', '-W', 'style', page]), {
    status: 0,
    stdout: '',
    stderr: '',
  });
  const shown = run(top, ['man', '--warnings', '-l', page], { LC_ALL: 'C.UTF-8', MANWIDTH: '80' });
  assert.deepEqual([shown.status, shown.stderr], [0, '']);
  // Bold is a letter over itself, and words are spaced to fill a line.
  const text = shown.stdout.replaceAll(/.\x08/gu, '').replaceAll(/\s+/g, ' ');
  assert.match(text, / NAME loglin - read a parallel build in order SYNOPSIS /);
  assert.doesNotMatch(text, /\/docs|\[object/, 'no path of the machine that it was made on');
  for (const command of commands()) {
    const help = run(top, [path.join(folder, 'bin/loglin'), command, '--help']).stdout;
    const [, usage = ''] = /^Usage: (.*)$/m.exec(help) ?? [];
    const flags = [...help.matchAll(/^ {2}(-\S.*?) {2,}\S/gm)].flatMap(([, flag]) => flag ?? []);
    assert.ok(flags.includes('-h, --help'));
    const from = text.indexOf(` ${usage} `);
    assert.ok(from > 0, usage);
    const own = text.slice(from, text.indexOf(`More: docs/`, from));
    for (const flag of flags)
      if (flag !== '-h, --help') assert.ok(own.includes(` ${flag} `), `${command}: ${flag}`);
  }
});

test('npm pack: missing tools are named, with what to do', (t) => {
  if (!needs(t, 'npm', 'tar')) return;
  if (process.platform !== 'linux') {
    t.skip(forWantOf('Linux'));
    return;
  }
  const bare = run(clone('bare', false), ['npm', 'pack', '--silent']);
  assert.deepEqual(
    [bare.status, bare.stderr],
    [1, 'loglin: esbuild is not installed here; run npm ci first\n'],
  );

  const folder = clone('uncompiled');
  const PATH = only('few');
  const uncompiled = run(folder, ['npm', 'pack', '--silent'], { PATH });
  assert.equal(uncompiled.status, 1);
  assert.match(
    uncompiled.stderr,
    new RegExp(
      `^loglin: the package would not split builds on ${process.arch}: no C compiler for it \\(cc\\); install gcc and the headers of the C library\n`,
    ),
  );
  assert.deepEqual(
    files(folder).filter((file) => file.endsWith('.tgz')),
    [],
  );
  // A build works without a compiler, since it is not a package.
  const built = run(folder, ['npm', 'run', '--silent', 'build'], { PATH });
  assert.deepEqual([built.status, built.stdout], [0, '']);
  assert.match(
    built.stderr,
    /^loglin: no C compiler \(cc\): builds will be recorded as one job; install .*\n$/,
  );
});

test('npm pack: a missing compiler for the other machines is named, and the package is not published', (t) => {
  if (!needs(t, 'npm', 'tar', 'cc', 'ld', 'as')) return;
  const folder = clone('one');
  const PATH = only('own', 'cc', 'ld', 'as');
  // A library compiled while there was a compiler is not packed: nobody knows from which sources.
  const other = process.arch === 'x64' ? 'arm64' : 'x64';
  const stale = path.join(folder, `dist/lib/linux-${other}/libloglin.so`);
  fs.mkdirSync(path.dirname(stale), { recursive: true });
  fs.writeFileSync(stale, '');
  fs.utimesSync(stale, 0, 0);
  const { status, stdout, stderr } = run(folder, ['npm', 'pack', '--silent'], { PATH });
  assert.deepEqual([status, stdout], [0, `loglin-${pkg.version}.tgz\n`]);
  assert.match(
    stderr,
    new RegExp(`^loglin: the package would not split builds on ${other}: no C compiler for it .*\n$`),
  );
  assert.deepEqual(
    files(path.join(folder, 'dist/lib')).map((file) => path.dirname(file)),
    Array.from({ length: 3 }, () => `linux-${process.arch}`),
  );
  const published = run(folder, ['npm', 'run', '--silent', 'prepublishOnly'], { PATH });
  assert.deepEqual([published.status, published.stderr], [1, stderr]);
});
