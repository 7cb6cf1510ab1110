// cargo under loglin: crates are jobs, each message appears once and in its place, and the build is the same
// as without loglin.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import stripAnsi from 'strip-ansi';
import { LOGLIN, type Start, type Tree, needs, tree, until } from '../rig/tree.ts';

const manifest = (name: string, more = ''): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
const on = (...names: string[]): string =>
  `[dependencies]\n${names.map((name) => `${name} = { path = "../${name}" }\n`).join('')}`;

/**
 * base has a build script that prints something; app needs net and util, and both need base; base and net
 * have a warning each.
 */
const WORKSPACE = {
  'Cargo.toml': '[workspace]\nresolver = "2"\nmembers = ["base", "util", "my-net", "app"]\n',
  'base/Cargo.toml': manifest('base', 'build = "build.rs"\n'),
  'base/build.rs':
    'fn main() { println!("cargo:rerun-if-changed=build.rs"); println!("to stdout"); eprintln!("to stderr"); }\n',
  'base/src/lib.rs': 'pub fn one() -> u32 { let unused_base = 3; 1 }\n',
  'util/Cargo.toml': manifest('util', on('base')),
  'util/src/lib.rs':
    'pub fn two() -> u32 { base::one() + 1 }\n#[test]\nfn right() { assert_eq!(two(), 2) }\n',
  'my-net/Cargo.toml': manifest('my-net', on('base')),
  'my-net/src/lib.rs': 'pub fn three() -> u32 { let unused_net = 3; base::one() + 2 }\n',
  'app/Cargo.toml': manifest('app', on('my-net', 'util')),
  'app/src/main.rs': 'fn main() { println!("{}", util::two() + my_net::three()) }\n',
  'app/src/bin/tool.rs': 'fn main() { println!("{}", util::two()) }\n',
};

/** A project of one crate. */
const ALONE = {
  'Cargo.toml': manifest('alone'),
  'src/lib.rs': 'pub fn one() -> u32 { let unused = 3; 1 }\n',
};

const warning = (file: string, name: string, column: number, source: string): RegExp =>
  new RegExp(`warning: unused variable: \`${name}\`\n --> ${file}:1:${column}\n[^]*?${source}[^]*?\n\n`, 'g');
const BASE_WARNS = warning('base/src/lib.rs', 'unused_base', 27, 'let unused_base');
const NET_WARNS = warning('my-net/src/lib.rs', 'unused_net', 29, 'let unused_net');

function project(t: TestContext, files: Readonly<Record<string, string>>): Tree | undefined {
  return needs(t, 'cargo') ? tree(t, files) : undefined;
}

/** A wrapper of the user's, which writes down what it is called for. */
const noting = (log: string, then = 'exec "$@"'): string => `#!/bin/sh\n${NOTE(log)}\n${then}\n`;
const NOTE = (log: string): string =>
  `case " $* " in *' --crate-name ___ '*) ;; *' --crate-name '*) echo "$*" | sed 's/.*--crate-name //; s/ .*//' >>${log} ;; esac`;

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

/** Runs cargo without loglin, and fails unless cargo has nothing to do. */
async function nothingToDo(it: Tree, ...args: string[]): Promise<void> {
  const { end, stderr } = await it.run(['cargo', ...args]);
  assert.equal(end, 'exit 0');
  assert.doesNotMatch(stderr, /Compiling|Checking/);
}

test('cargo: crates are jobs in the order of needs, and each message appears once, under its crate', async (t) => {
  const it = project(t, WORKSPACE);
  if (!it) return;
  const { end, stdout, stderr } = await it.loglin('cargo', 'build', '-j4');
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0');
  assert.equal(count(stdout, BASE_WARNS), 1, stdout);
  assert.equal(count(stdout, NET_WARNS), 1, stdout);
  const shown = await it.show();
  const blocks = shown
    .replace(BASE_WARNS, 'BASE\n')
    .replace(NET_WARNS, 'NET\n')
    .split('\n')
    .filter((line) => /^ *▸|^[A-Z]+$|^to std/.test(line));
  assert.deepEqual(blocks, [
    '▸ app (bin)',
    '  ▸ my-net',
    '    ▸ base',
    '      ▸ base (build script run)',
    '        ▸ base (build script)',
    '      ▸ base (build script run) (resumed)',
    'to stdout',
    'to stderr',
    '    ▸ base (resumed)',
    'BASE',
    '  ▸ my-net (resumed)',
    'NET',
    '  ▸ util',
    '▸ app (bin tool)',
  ]);
  assert.match(shown, /Finished/);
  assert.equal(count(shown, BASE_WARNS), 1);
  assert.match(await it.show('my-net'), /▸ my-net\n {2}▸ base\n/);
  await nothingToDo(it, 'build');
  await it.nothingLeft();
});

test('cargo: plain cargo has nothing to do afterwards, and the files are the same', async (t) => {
  const it = project(t, WORKSPACE);
  if (!it) return;
  const files = (): string[] =>
    fs
      .readdirSync(it.path('target'), { recursive: true, encoding: 'utf8' })
      .filter((name) => !/incremental\/|\.rustc_info/.test(name))
      .sort();
  assert.equal((await it.run(['cargo', 'build'])).end, 'exit 0');
  const plain = files();
  const { stdout } = await it.loglin('cargo', 'build');
  assert.doesNotMatch(stdout, /Compiling|▸/);
  assert.equal(count(stdout, BASE_WARNS), 1, 'cargo repeats the warnings of crates that it does not compile');
  fs.rmSync(it.path('target'), { recursive: true });
  assert.equal((await it.loglin('cargo', 'build')).end, 'exit 0');
  assert.deepEqual(files(), plain);
});

test('cargo: show prints the same however many crates are compiled at once', async (t) => {
  const it = project(t, WORKSPACE);
  if (!it) return;
  const texts: string[] = [];
  for (const jobs of ['-j1', '-j8']) {
    fs.rmSync(it.path('target'), { recursive: true, force: true });
    assert.equal((await it.loglin('cargo', 'build', '-q', jobs)).end, 'exit 0');
    texts.push(await it.show());
  }
  // cargo's own messages come in the order in which the crates finish.
  assert.equal(texts[0], texts[1]);
  assert.doesNotMatch(texts[0]!, /generated/);
});

test('cargo: tests, examples and binaries have their own names', async (t) => {
  const it = project(t, {
    'Cargo.toml': manifest('my-app'),
    'src/lib.rs': '',
    'src/main.rs': 'fn main() {}\n',
    'src/bin/tool.rs': 'fn main() {}\n',
    'tests/my_app.rs': 'use my_app as _;\n',
    'tests/other.rs': '',
    'examples/ex.rs': 'fn main() {}\n',
  });
  if (!it) return;
  const { end, stdout } = await it.loglin('cargo', 'test', '--no-run');
  assert.equal(end, 'exit 0');
  const names = stdout.split('\n').filter((line) => line.startsWith('▸'));
  assert.deepEqual(names.sort(), [
    '▸ my-app',
    '▸ my-app (bin test)',
    '▸ my-app (bin tool test)',
    '▸ my-app (bin tool)',
    '▸ my-app (bin)',
    '▸ my-app (example ex)',
    '▸ my-app (test my_app)',
    '▸ my-app (test other)',
    '▸ my-app (test)',
  ]);
});

test('cargo: the JSON that it passes on is the same, byte for byte', async (t) => {
  const it = project(t, WORKSPACE);
  if (!it) return;
  const outputs: string[] = [];
  for (const wrap of ['', '"$LOGLIN_BIN"']) {
    fs.rmSync(it.path('target'), { recursive: true, force: true });
    const script = `cargo build -q -j1 --message-format=json >out.json 2>err`;
    const { end, stdout } = await it.sh(wrap === '' ? script : `${wrap} sh -c '${script}'`);
    assert.equal(end, 'exit 0');
    assert.doesNotMatch(stdout, /unused|▸/, 'nothing of it goes to the log');
    // The order of the crates is not specified.
    outputs.push(it.read('out.json').split('\n').sort().join('\n') + it.read('err'));
  }
  assert.ok(outputs[1] === outputs[0]);
  assert.match(outputs[0]!, /unused_base/);
});

test('cargo: a crate that does not compile has its error once in its log, and is in the failure report', async (t) => {
  const it = project(t, {
    ...WORKSPACE,
    'my-net/src/lib.rs': 'pub fn three() -> u32 { let unused_net = 3; "three" }\n',
  });
  if (!it) return;
  const { end, stdout } = await it.loglin('cargo', 'build');
  assert.equal(end, 'exit 101');
  const [log = '', report = ''] = stdout.split(/\n\d+ of \d+ jobs failed\n/);
  assert.equal(count(log, /error\[E0308\]: mismatched types/g), 1, stdout);
  assert.match(log, /▸ my-net\n[^▸]*error\[E0308\][^▸]*✗ my-net \(exit 1\)\n/);
  assert.match(log, /error: could not compile/);
  assert.match(report, /✗ my-net \(exit 1\)\n[^]*mismatched types[^]*loglin show my-net\n$/);
});

test('cargo: a compiler that dies of a signal and one that prints what is not JSON are recorded', async (t) => {
  const it = project(t, {
    ...ALONE,
    'w.sh': noting(
      'calls',
      `case " $* " in *' --crate-name alone '*) ulimit -c 0; echo 'no JSON' >&2; printf 'no line' >&2; kill -SEGV $$ ;; esac; exec "$@"`,
    ),
  });
  if (!it) return;
  const env = { RUSTC_WRAPPER: it.path('w.sh') };
  const plain = await it.run(['cargo', 'build'], { env });
  const { end, stdout } = await it.run([LOGLIN, 'cargo', 'build'], { env });
  assert.equal(end, plain.end);
  assert.match(plain.stderr, /signal: 11/);
  assert.match(stdout, /▸ alone\nno JSON\nno line\n✗ alone \(SIGSEGV\)\n/);
  assert.match(stdout, /signal: 11, SIGSEGV/);
  assert.equal(count(stdout.split(/jobs? failed/)[0]!, /^no JSON$/gm), 1, stdout);
});

// -- wrappers --------------------------------------------------------------------------------------------

const CONFIGURED: readonly [string, Record<string, string>, Start, string[]][] = [
  ['RUSTC_WRAPPER', {}, { env: { RUSTC_WRAPPER: 'bin/w.sh' } }, []],
  ['CARGO_BUILD_RUSTC_WRAPPER', {}, { env: { CARGO_BUILD_RUSTC_WRAPPER: 'bin/w.sh' } }, []],
  ['a configuration file', { '.cargo/config.toml': '[build]\nrustc-wrapper = "bin/w.sh" # "a"\n' }, {}, []],
  ['--config', {}, {}, ['--config', 'build.rustc-wrapper="bin/w.sh"']],
];
for (const [what, files, start, args] of CONFIGURED)
  test(`cargo: a user's wrapper from ${what} runs as it would without loglin`, async (t) => {
    const it = project(t, { ...WORKSPACE, 'bin/w.sh': noting('"$ROOT/calls"'), ...files });
    if (!it) return;
    const env = { ...start.env, ROOT: it.dir };
    const calls: string[] = [];
    for (const wrap of [[], [LOGLIN]]) {
      fs.rmSync(it.path('target'), { recursive: true, force: true });
      fs.rmSync(it.path('calls'), { force: true });
      const { end } = await it.run([...wrap, 'cargo', ...args, 'build', '-j1'], { env });
      assert.equal(end, 'exit 0');
      calls.push(it.read('calls').split('\n').sort().join('\n'));
    }
    assert.equal(calls[1], calls[0]);
    assert.match(calls[0]!, /^my_net$/m);
    assert.match(await it.show(), /▸ my-net\n/);
  });

test('cargo: an empty RUSTC_WRAPPER means no wrapper, whatever is configured', async (t) => {
  const it = project(t, {
    ...ALONE,
    '.cargo/config.toml': '[build]\nrustc-wrapper = "./w.sh"\n',
    'w.sh': noting('calls'),
  });
  if (!it) return;
  const { end, stdout } = await it.run([LOGLIN, 'cargo', 'build'], { env: { RUSTC_WRAPPER: '' } });
  assert.equal(end, 'exit 0');
  assert.ok(!it.has('calls'));
  assert.match(stdout, /▸ alone\n/);
});

test('cargo: sccache works as the wrapper', async (t) => {
  if (!needs(t, 'cargo', 'sccache')) return;
  const it = tree(t, ALONE);
  const env = {
    RUSTC_WRAPPER: 'sccache',
    SCCACHE_DIR: it.path('cache'),
    SCCACHE_SERVER_PORT: String(20000 + (process.pid % 20000)),
    CARGO_INCREMENTAL: '0',
  };
  t.after(() => it.run(['sccache', '--stop-server'], { env, cwd: '/' }));
  assert.equal((await it.run(['sccache', '--start-server'], { env })).end, 'exit 0');
  for (const hits of [0, 1]) {
    fs.rmSync(it.path('target'), { recursive: true, force: true });
    const { end, stdout } = await it.run([LOGLIN, 'cargo', 'build'], { env });
    assert.equal(end, 'exit 0');
    assert.match(stdout, /▸ alone\nwarning: unused variable/);
    const { stdout: stats } = await it.run(['sccache', '--show-stats'], { env });
    assert.match(stats, new RegExp(`^Cache hits +${hits}$`, 'm'));
  }
});

test('cargo: what a build script compiles to try the compiler is not a job', async (t) => {
  const it = project(t, {
    ...ALONE,
    'build.rs': `use std::process::Command;
fn main() {
    let rustc = std::env::var("RUSTC").unwrap();
    let wrapper = std::env::var("RUSTC_WRAPPER").ok().filter(|w| !w.is_empty());
    let mut command = match &wrapper { Some(w) => { let mut c = Command::new(w); c.arg(&rustc); c } None => Command::new(&rustc) };
    let out = std::env::var("OUT_DIR").unwrap();
    let status = command.args(["--crate-name", "probe", "--crate-type=lib", "--emit=metadata", "--out-dir", &out, "probe.rs"]).status();
    assert!(status.unwrap().success());
}\n`,
    'probe.rs': '',
  });
  if (!it) return;
  const { end, stdout } = await it.loglin('cargo', 'build');
  assert.equal(end, 'exit 0');
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.startsWith('▸')),
    ['▸ alone (build script)', '▸ alone'],
  );
});

test('cargo: a build script that runs again because of RUSTC_WRAPPER is named', async (t) => {
  const it = project(t, {
    ...ALONE,
    'build.rs': 'fn main() { println!("cargo:rerun-if-env-changed=RUSTC_WRAPPER"); }\n',
  });
  if (!it) return;
  await it.loglin('cargo', 'build');
  const [id = ''] = fs.readdirSync(it.path('.loglin/builds'));
  assert.match(
    it.read(`.loglin/builds/${id}/journal.ndjson`),
    /"e":"note".*build script of alone.*no-hooks=cargo/,
  );
  await it.loglin('cargo', 'build');
  const { stdout } = await it.loglin('--no-hooks=cargo', 'cargo', 'build');
  assert.doesNotMatch(stdout, /▸/);
});

test('cargo: a script may set a wrapper, and loglin may run below cargo below loglin', async (t) => {
  const it = project(t, {
    ...ALONE,
    'src/main.rs': `fn main() {
    let bin = std::env::var("LOGLIN_BIN").unwrap();
    let mut inner = std::process::Command::new(bin);
    inner.args(["--store", "inner", "cargo", "build", "--target-dir", "other"]);
    assert!(inner.status().unwrap().success());
}\n`,
    'w.sh': noting('calls'),
    'main.sh': '#!/bin/sh\nexport RUSTC_WRAPPER=./w.sh\nexec cargo run\n',
  });
  if (!it) return;
  const { end, stdout } = await it.loglin('./main.sh');
  assert.equal(end, 'exit 0');
  assert.match(stdout, /▸ alone\n/);
  assert.equal(it.read('calls'), 'alone\nalone\nalone\nalone\n');
  const [id = ''] = fs.readdirSync(it.path('inner/builds'));
  assert.match(await it.show('--store', 'inner', '-b', id), /▸ alone\n/);
});

// -- live, signals, where it runs ------------------------------------------------------------------------

const DIAGNOSTIC = JSON.stringify({
  message: 'early',
  code: null,
  level: 'warning',
  spans: [],
  children: [],
  rendered: 'warning: early\n\n',
});
const SLOW = {
  ...ALONE,
  'say.json': `${DIAGNOSTIC}\n`,
  'w.sh': noting(
    'calls',
    `case " $* " in *' --crate-name alone '*) cat say.json >&2; echo $$ >compiling; while ! test -e go; do sleep 0.02; done ;; esac; exec "$@"`,
  ),
};

test('cargo: a message is seen while its crate is still being compiled', async (t) => {
  const it = project(t, SLOW);
  if (!it) return;
  const started = it.start([LOGLIN, 'cargo', 'build'], { env: { RUSTC_WRAPPER: it.path('w.sh') } });
  let seen = '';
  started.child.stdout?.on('data', (bytes: Buffer) => (seen += bytes.toString()));
  await until('the message is seen', () => seen.includes('▸ alone\nwarning: early\n\n'));
  it.write({ go: '' });
  const { end, stdout } = await started.ended;
  assert.equal(end, 'exit 0');
  assert.equal(count(stdout, /warning: early/g), 1, stdout);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`cargo: ${signal} to the whole build ends it as it does without loglin`, async (t) => {
    const it = project(t, SLOW);
    if (!it) return;
    const started = it.start([LOGLIN, 'cargo', 'build'], { env: { RUSTC_WRAPPER: it.path('w.sh') } });
    await it.line('compiling');
    process.kill(-started.pid, signal);
    const { end } = await started.ended;
    assert.equal(end, signal);
    await it.nothingLeft();
    assert.match((await it.loglin('ls')).stdout, /interrupted/);
  });

test('cargo: the build goes on when the recorder is killed', async (t) => {
  const it = project(t, {
    ...SLOW,
    'main.sh': '#!/bin/sh\nexec >out 2>&1\necho $PPID >loglin.pid\ncargo build\necho "status $?" >done\n',
  });
  if (!it) return;
  const started = it.start([LOGLIN, './main.sh'], { env: { RUSTC_WRAPPER: it.path('w.sh') } });
  await it.line('compiling');
  process.kill(started.pid, 'SIGKILL');
  await started.ended;
  it.write({ go: '' });
  assert.equal(await it.line('done'), 'status 0');
  assert.match(it.read('out'), /warning: early/);
  await nothingToDo(it, 'build');
});

test('cargo: two run in a script, one in a recipe, and one sends its output elsewhere', async (t) => {
  const it = project(t, {
    ...WORKSPACE,
    Makefile: 'all:\n\t@cargo build -q -p util\n',
    'main.sh': `#!/bin/sh
cargo build -q -p my-net
make -s
cargo build -p app 2>&1 | tee copy
cargo test -q -p util
`,
  });
  if (!it) return;
  const { end, stdout } = await it.loglin('./main.sh');
  assert.equal(end, 'exit 0');
  const shown = await it.show();
  for (const text of [stdout, shown]) {
    // cargo itself repeats the messages of crates that it does not compile.
    assert.equal(count(text, NET_WARNS), 2, text);
    assert.match(text, /▸ all\n[^▸]* {2}▸ util\n/);
    assert.match(text, /^test result: ok/m);
    assert.match(text, /▸ util \(test\)\n/);
  }
  assert.equal(count(it.read('copy'), NET_WARNS), 1);
  assert.match(it.read('copy'), /Compiling app/);
  await it.nothingLeft();
});

test('cargo: colours are those that cargo alone would choose', async (t) => {
  const it = project(t, ALONE);
  if (!it) return;
  const runs: [string[], Record<string, string>, boolean][] = [
    [['--color=always'], {}, true],
    [['--color', 'never'], { CARGO_TERM_COLOR: 'always' }, false],
    [[], { CARGO_TERM_COLOR: 'always' }, true],
    [[], {}, false],
  ];
  for (const [args, env, coloured] of runs) {
    fs.rmSync(it.path('target'), { recursive: true, force: true });
    await it.run([LOGLIN, 'cargo', 'build', ...args], { env });
    const { stdout: file } = await it.loglin('path', 'alone');
    assert.equal(
      fs.readFileSync(file.trim(), 'utf8').includes('\x1b['),
      coloured,
      JSON.stringify([args, env]),
    );
    const all = stripAnsi(await it.show());
    assert.equal(count(all, /unused variable/g), 1, JSON.stringify([args, env]));
  }
});
