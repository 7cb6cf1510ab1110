// Builds dist/: the bundles and their licences (NOTICE), the manual, the C library, the hooks.
// Prints nothing when all goes well.
//   --test         also build/test/, from test/**/*.test.ts
//   --bench        also build/test/bench/main.mjs
//   --source-maps  puts maps beside the bundles of dist/, for coverage.mjs
//   --package      for `npm pack`: everything that a package cannot do without must be there
//   --publish      nothing at all may be left out
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readElf } from './elf.mjs';
import { manual } from './manual.mjs';

const { build } = await import('esbuild').catch((/** @type {unknown} */ error) => {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
  console.error('loglin: esbuild is not installed here; run npm ci first');
  process.exit(1);
});

const publishing = process.argv.includes('--publish');
const packaging = publishing || process.argv.includes('--package');
const sourceMaps = process.argv.includes('--source-maps');

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

/**
 * Lists the files below a folder as paths relative to the project root.
 * @param {string} dir
 * @param {RegExp} name
 */
function files(dir, name) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(relative(root, entry.parentPath), entry.name))
    .sort();
}

/** What an index of a build depends on (src/store/buildindex.ts): any change to these makes indexes anew. */
const sources = createHash('sha256');
for (const file of files('src', /\.ts$/).filter((name) =>
  /^src\/(model|linearize|record|store)\//.test(name),
))
  sources.update(`${file}\n`).update(readFileSync(file));
const DEFINED = { LOGLIN_SOURCES: JSON.stringify(sources.digest('hex').slice(0, 16)) };

/**
 * Bundles, then removes what an earlier build left in the output folder.
 * @param {import('esbuild').BuildOptions & { outdir: string }} options
 * @returns which inputs went into which output
 */
async function bundle(options) {
  const { metafile } = await build({
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    metafile: true,
    logLevel: 'warning',
    ...options,
  });
  const made = new Set(Object.keys(metafile?.outputs ?? {}));
  for (const file of files(options.outdir, /\.[cm]js(\.map)?$/))
    if (!made.has(file)) rmSync(file, { force: true });
  return metafile;
}

/**
 * commander loads child_process, for subcommands that are programs of their own; that alone would be a tenth
 * of a start.
 * @type {import('esbuild').Plugin}
 */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup(setup) {
    setup.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'child_process', namespace: 'lazy' } : undefined,
    );
    setup.onLoad({ filter: /./, namespace: 'lazy' }, () => ({
      contents: "module.exports={get spawn(){return require('node:child_process').spawn}}",
    }));
  },
};

const require = createRequire(import.meta.url);

/** Modules of Node that load many others; of what is imported by name, only functions are used. */
const LAZY = new Set(['node:child_process', 'node:crypto', 'node:net', 'node:os', 'node:v8', 'node:zlib']);

/**
 * A module of Node is loaded once in a bundle, and those that take a millisecond or more not before they are
 * used. esbuild would copy all their names for each file that imports them: a tenth of a start.
 * @type {import('esbuild').Plugin}
 */
const nodeModules = {
  name: 'node-modules',
  setup(setup) {
    setup.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'node', sideEffects: false } : undefined,
    );
    setup.onLoad({ filter: /./, namespace: 'node' }, ({ path }) => ({
      contents: LAZY.has(path) ? lazyModule(path) : eagerModule(path),
      resolveDir: root,
    }));
  },
};

/** The names that a module of Node exports. @param {string} path */
function namesOf(path) {
  /** @type {unknown} */
  const exported = require(path);
  return Object.keys(/** @type {object} */ (exported)).filter((name) => /^[A-Za-z]\w*$/.test(name));
}

/** @param {string} path */
function eagerModule(path) {
  const named = namesOf(path).map((name) => `export const ${name} = /* @__PURE__ */ (() => it.${name})();\n`);
  return `const it = /* @__PURE__ */ require('${path}');\nexport default it;\n${named.join('')}`;
}

/** @param {string} path */
function lazyModule(path) {
  const names = namesOf(path);
  const named = names.map(
    (name) => `export const ${name} = (...args) => require('${path}').${name}(...args);\n`,
  );
  const getters = names.map((name) => `get ${name}() { return require('${path}').${name}; },\n`);
  return `${named.join('')}export default { ${getters.join('')} };\n`;
}

/**
 * What main.ts loads when it is called, each command and the browser, is a bundle of its own, so that none
 * compiles the others; so is what `--tui` needs of the browser. codecache.ts loads them.
 * @type {import('esbuild').Plugin}
 */
const bundlesApart = {
  name: 'bundles-apart',
  setup(setup) {
    setup.onResolve({ filter: /\.ts$/ }, ({ path, importer, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      const command = importer.endsWith('/cli/main.ts')
        ? /^\.\/commands\/([a-z]+)\.ts$/.exec(path)?.[1]
        : null;
      const name =
        command ??
        (path.endsWith('/tui/main.ts')
          ? 'browser'
          : /\/(underbrowser|remotebuild|remotelist|remotegc|otlpexport|htmlbuild)\.ts$/.exec(path)?.[1]);
      return name === undefined ? undefined : { path: name, namespace: 'bundle' };
    });
    setup.onLoad({ filter: /./, namespace: 'bundle' }, ({ path }) => ({
      contents:
        `import { loadBundle } from './src/cli/codecache.ts';\n` +
        `module.exports = loadBundle('${path}', (id) => require(id));\n`,
      resolveDir: root,
    }));
  },
};

/**
 * The MCP server's library brings a validator for answers to forms, which loglin never shows: half of its
 * bundle, and packages in versions of their own.
 * @type {import('esbuild').Plugin}
 */
const withoutFormValidator = {
  name: 'without-form-validator',
  setup(setup) {
    setup.onLoad({ filter: /\/sdk\/dist\/esm\/validation\/ajv-provider\.js$/ }, () => ({
      contents:
        "export class AjvJsonSchemaValidator{getValidator(){throw new Error('no forms are checked here')}}",
    }));
  },
};

/** The commands' names, in main.ts's order. */
function commandNames() {
  const imports = readFileSync('src/cli/main.ts', 'utf8').matchAll(/import\('\.\/commands\/([a-z]+)\.ts'\)/g);
  return [...new Set([...imports].map(([, name = '']) => name))];
}

/**
 * CommonJS: Node starts it in two thirds of the time that ES modules take (docs/design-notes.md).
 * @type {import('esbuild').BuildOptions}
 */
const COMMON_JS = {
  format: 'cjs',
  splitting: false,
  outExtension: { '.js': '.cjs' },
  // import() of a CommonJS file would go through the loader of ES modules, which takes longer than the file.
  supported: { 'dynamic-import': false },
  // ws would look for native helpers at run time.
  define: {
    ...DEFINED,
    'import.meta.dirname': '__dirname',
    'process.env.WS_NO_BUFFER_UTIL': '"1"',
    'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
  },
  plugins: [lazyChildProcess, nodeModules, bundlesApart, withoutFormValidator],
};

/** Makes each bundle ASCII, and appends a hash of its text, by which codecache.ts knows it. */
function stampBundles() {
  for (const file of files('dist', /^[a-z]+\.cjs$/)) {
    // Of the bundled packages, some have other characters in regular expressions.
    const text = readFileSync(file, 'utf8').replace(
      /[^\0-\x7f]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    const stamp = createHash('sha256').update(text).digest('hex').slice(0, 16);
    writeFileSync(file, `${text}//${stamp}\n`);
  }
}

function bundleProgram() {
  return bundle({
    ...COMMON_JS,
    entryPoints: [
      { in: 'src/cli/main.ts', out: 'main' },
      { in: 'src/tui/main.ts', out: 'browser' },
      { in: 'src/cli/underbrowser.ts', out: 'underbrowser' },
      { in: 'src/view/diffworker.ts', out: 'diffworker' },
      { in: 'src/cli/remotebuild.ts', out: 'remotebuild' },
      { in: 'src/cli/remotelist.ts', out: 'remotelist' },
      { in: 'src/cli/remotegc.ts', out: 'remotegc' },
      { in: 'src/cli/otlpexport.ts', out: 'otlpexport' },
      { in: 'src/cli/htmlbuild.ts', out: 'htmlbuild' },
      { in: 'src/remote/worker.ts', out: 'remoteworker' },
      ...commandNames().map((name) => ({ in: `src/cli/commands/${name}.ts`, out: name })),
    ],
    outdir: 'dist',
    ...(sourceMaps
      ? { sourcemap: 'linked', sourcesContent: false }
      : { minifySyntax: true, minifyWhitespace: true }),
  });
}

/**
 * What the page runs in the browser has a Buffer of its own.
 * @type {import('esbuild').Plugin}
 */
const pageBuffer = {
  name: 'page-buffer',
  setup(setup) {
    setup.onResolve({ filter: /^node:buffer$/ }, () => ({ path: join(root, 'src/web/buffer.ts') }));
  },
};

const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>loglin</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body>
<div id="page"></div>
<script src="page.js"></script>
</body>
</html>
`;

/** Bundles the page (src/web): a script and a style sheet for the document, a script for its worker. */
async function bundlePage() {
  /** @type {import('esbuild').BuildOptions & { outdir: string }} */
  const options = {
    outdir: 'dist/page',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    splitting: false,
    outExtension: { '.js': '.js' },
    charset: 'utf8',
    minify: !sourceMaps,
    jsx: 'automatic',
    jsxImportSource: 'preact',
  };
  const worker = await bundle({
    ...options,
    entryPoints: ['src/web/browser/worker.ts'],
    plugins: [pageBuffer],
    inject: ['src/web/buffer.ts'],
  });
  const page = await bundle({ ...options, entryPoints: ['src/web/browser/page.ts'] });
  write('dist/page/index.html', PAGE_HTML);
  return [worker, page];
}

/** What hooks have other programs load. It replaces functions of Node's modules, so these must be those. */
function bundleHooks() {
  return bundle({
    ...COMMON_JS,
    plugins: [],
    entryPoints: [{ in: 'src/capture/hooks/wireit/preload.ts', out: 'wireit/preload' }],
    outdir: 'dist/hooks',
  });
}

/**
 * Writes a file unless it has this text already.
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** @param {string} folder */
function packageJson(folder) {
  /** @type {unknown} */
  const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return /** @type {{ name: string, version: string, license: string }} */ (json);
}

/**
 * The licences of the bundled packages: those of which a bundle has at least a byte.
 * @param {readonly (import('esbuild').Metafile | undefined)[]} metafiles
 */
function writeNotice(metafiles) {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile?.outputs ?? {}));
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([file]) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const parts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = packageJson(folder);
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    // A package without a licence text gets the standard text, which has no names to fill in.
    const own = `.ci/licences/${license}.txt`;
    if (texts.length === 0 && !existsSync(own))
      throw new Error(`${folder}: has no text of its licence (${license}); ${own} would have it`);
    const said = (texts.length > 0 ? texts.map((file) => join(folder, file)) : [own]).map((file) =>
      readFileSync(file, 'utf8').trim(),
    );
    return `${name} ${version} (${license})\n\n${said.join('\n\n')}\n`;
  });
  const head = 'loglin contains, bundled into the files of this folder, parts of these packages:\n';
  write('dist/NOTICE', [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`));
}

/**
 * What the manual is made of.
 * @typedef {object} Described
 * @property {string} HELP
 * @property {(run: unknown) => Promise<import('commander').Command>} definitionOf
 * @property {() => string} docsFolder
 * @property {Readonly<Record<string, unknown>>} runs
 */

/** Writes the page of `man loglin`, from the commands' help texts. */
async function writeManual() {
  const names = commandNames().filter((name) => name !== 'help');
  await bundle({
    ...COMMON_JS,
    stdin: {
      contents: [
        "export { HELP } from './src/cli/commands/help.ts';",
        "export { definitionOf } from './src/cli/command.ts';",
        "export { docsFolder } from './src/cli/docs.ts';",
        ...names.map((name) => `import { run as ${name}_ } from './src/cli/commands/${name}.ts';`),
        `export const runs = { ${names.map((name) => `'${name}': ${name}_`).join()} };`,
      ].join(''),
      resolveDir: root,
      sourcefile: 'manual',
    },
    outdir: 'build/manual',
  });
  /** @type {unknown} */
  const made = await import(pathToFileURL(join(root, 'build/manual/stdin.cjs')).href);
  const { HELP, definitionOf, docsFolder, runs } = /** @type {{ default: Described }} */ (made).default;
  const commands = await Promise.all(names.map((name) => definitionOf(runs[name])));
  const { version } = packageJson('.');
  const date = new Date(Number(process.env.SOURCE_DATE_EPOCH ?? Date.now() / 1000) * 1000);
  write('dist/man/loglin.1', manual({ version, date, help: HELP, docs: docsFolder(), commands }));
}

/**
 * In bundled tests, `import.meta.url` of a file of src/ is that of dist/main.cjs, so that it finds the
 * library and the hooks where the program finds them; that of a file of test/ is the source file's own.
 * @type {import('esbuild').Plugin}
 */
const sourceUrls = {
  name: 'source-urls',
  setup(setup) {
    const src = join(root, 'src/');
    setup.onLoad({ filter: /[\\/](src|test)[\\/].*\.ts$/ }, ({ path }) => {
      const file = path.startsWith(src) ? join(root, 'dist/main.cjs') : path;
      const names = { Url: pathToFileURL(file).href, Filename: file, Dirname: dirname(file) };
      const consts = Object.entries(names).map(([key, value]) => `importMeta${key}=${JSON.stringify(value)}`);
      return { contents: `const ${consts.join()};${readFileSync(path, 'utf8')}`, loader: 'ts' };
    });
  },
};

/** @param {string[]} entryPoints */
function bundleTests(entryPoints) {
  return bundle({
    entryPoints,
    outbase: '.',
    outdir: 'build',
    chunkNames: 'test/chunks/[hash]',
    packages: 'external',
    sourcemap: 'inline',
    plugins: [sourceUrls],
    define: {
      ...DEFINED,
      'import.meta.url': 'importMetaUrl',
      'import.meta.filename': 'importMetaFilename',
      'import.meta.dirname': 'importMetaDirname',
    },
  });
}

/**
 * Does this compiler exist, with the C library's headers?
 * @param {string} compiler
 */
function compiles(compiler) {
  const input = '#include <stdlib.h>\n#include <unistd.h>\n';
  return spawnSync(compiler, ['-E', '-x', 'c', '-'], { input }).status === 0;
}

/**
 * Compiles the C library for one architecture unless it is up to date; false without a compiler.
 * @param {string} arch
 * @param {string[]} compilers
 */
function compileLibrary(arch, compilers) {
  // Tools that read what their jobs print need read and poll wrapped, which no other program should have.
  const all = files('src/capture/library', /\.c$/);
  const common = all.filter((file) => !/\/(?:piped|ninja|ctest)\.c$/.test(file));
  return (
    compile(arch, compilers, 'libloglin.so', common) &&
    compile(arch, compilers, 'libloglin-readers.so', all) &&
    compileLauncher(arch, compilers)
  );
}

const COMMON_FLAGS = '-O2 -Wall -Wextra -Werror';
const LIBRARY_FLAGS = `${COMMON_FLAGS} -shared -fPIC -fvisibility=hidden -fno-stack-protector -U_FORTIFY_SOURCE -nostdlib -Wl,-z,noseparate-code,-z,norelro`;

/**
 * Compiles the launcher: statically, so that one file runs under any C library; where there is no static one,
 * for this machine's own.
 * @param {string} arch
 * @param {string[]} compilers
 */
function compileLauncher(arch, compilers) {
  const sources = [
    'src/capture/launch/launch.c',
    'src/capture/launch/attendant.c',
    'src/capture/launch/relay.c',
    'src/capture/launch/state.c',
    'src/capture/library/handover.c',
    'src/capture/library/slots.c',
    'src/capture/library/launchers.c',
  ];
  const ways = [`${COMMON_FLAGS} -s -static -DLOGLIN_STATIC`];
  // A packed launcher goes to other machines.
  if (!packaging) ways.push(`${COMMON_FLAGS} -s`);
  return compile(arch, compilers, 'loglin-launch', sources, ways);
}

/**
 * @param {string} arch @param {string[]} compilers @param {string} name @param {string[]} sources @param
 *   {string[]} ways flags, the first that work
 * @returns {boolean} false: no compiler
 */
function compile(arch, compilers, name, sources, ways = [LIBRARY_FLAGS]) {
  const out = `dist/lib/linux-${arch}/${name}`;
  const headers = [...files('src/capture/library', /\.h$/), ...files('src/capture/launch', /\.h$/)];
  const needs = [...sources, ...headers, 'src/capture/library', '.ci/build.mjs'];
  const made = statSync(out, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (needs.every((need) => statSync(need).mtimeMs < made) && !(packaging && readElf(out).interpreter))
    return true;

  const compiler = compilers.find(compiles);
  if (compiler === undefined) {
    // An older library would not do what the rest of dist/ expects of it.
    rmSync(out, { force: true });
    return false;
  }
  mkdirSync(dirname(out), { recursive: true });
  // Renamed into place, since a running build may have mapped the old one.
  const fresh = `${out}.${process.pid}`;
  const done = ways.some((flags, i) => {
    const last = i === ways.length - 1;
    const { status } = spawnSync(compiler, [...flags.split(' '), '-o', fresh, ...sources], {
      stdio: ['ignore', 'inherit', last ? 'inherit' : 'ignore'],
    });
    return status === 0;
  });
  if (!done) {
    rmSync(fresh, { force: true });
    const static_ =
      packaging && name === 'loglin-launch'
        ? '; in a package it is static, for which a static C library is wanted'
        : '';
    console.error(`loglin: ${compiler} failed on ${name}${static_}`);
    process.exit(1);
  }
  renameSync(fresh, out);
  return true;
}

/**
 * What is compiled for the machines that a package is for, on a machine that is another one.
 * @type {Record<string, string>}
 */
const CROSS_COMPILERS = { x64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' };

function compileLibraries() {
  const own = process.platform === 'linux' ? process.arch : undefined;
  const lacking = [];
  for (const arch of new Set([...(own === undefined ? [] : [own]), ...Object.keys(CROSS_COMPILERS)])) {
    const cross = CROSS_COMPILERS[arch] ?? [];
    const compilers = [...(arch === own ? ['cc', 'gcc', 'clang'] : []), ...[cross].flat()];
    if (!compileLibrary(arch, compilers)) lacking.push(arch);
  }
  const all = lacking.every((arch) => arch !== own);
  if (!all && !packaging)
    console.error(
      'loglin: no C compiler (cc): builds will be recorded as one job; install gcc or clang and run npm run build again',
    );
  if (!packaging || lacking.length === 0) return;
  for (const arch of lacking)
    console.error(
      `loglin: the package would not split builds on ${arch}: no C compiler for it (${arch === own ? 'cc' : CROSS_COMPILERS[arch]}); ` +
        `install ${arch === own ? 'gcc and the headers of the C library' : `it, and the headers of its C library`}`,
    );
  if (publishing || !all) process.exit(1);
}

/** Copies the scripts below a folder of src/capture, beside what is bundled. @param {string} name */
function copyScripts(name) {
  const from = join('src/capture', name);
  const to = join('dist', name);
  const hooks = files(from, /\.(sh|mk|py|pm)$/);
  const copies = new Set(hooks.map((hook) => join(to, relative(from, hook))));
  for (const old of files(to, /./)) if (!copies.has(old) && !/\.cjs(\.map)?$/.test(old)) rmSync(old);
  for (const hook of hooks) {
    const copy = join(to, relative(from, hook));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(hook, copy);
    chmodSync(copy, statSync(hook).mode & 0o777);
  }
}

try {
  writeNotice([await bundleProgram(), ...(await bundlePage())]);
  stampBundles();
  await bundleHooks();
  await writeManual();
  compileLibraries();
  copyScripts('hooks');
  copyScripts('launch');
  const entries = [];
  if (process.argv.includes('--test')) entries.push(...files('test', /\.test\.ts$/));
  if (process.argv.includes('--bench')) entries.push('test/bench/main.ts');
  if (entries.length > 0) await bundleTests(entries);
} catch (error) {
  // esbuild has printed its own errors.
  if (!(error instanceof Error && 'errors' in error)) console.error(error);
  process.exitCode = 1;
}
