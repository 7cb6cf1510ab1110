// The measurements. Each row creates its project in a folder of its own, runs loglin and its peer there in
// turns, and reports the results. Knows nothing of how results are laid out.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { browser } from './browser.ts';
import { fleet } from './fleet.ts';
import { page, pageFile, pageLive } from './page.ts';
import { LOGLIN, type Pairs, type Sample, type Spread } from './measure.ts';
import {
  environment,
  followPeak,
  inTurns,
  output,
  percentile,
  ratios,
  run,
  runBare,
  spread,
} from './measure.ts';
import {
  cargoProject,
  commandLines,
  compileProject,
  fewWarnings,
  journalHistory,
  logLines,
  ninjaProject,
  recordedBuild,
  recursiveProject,
} from './projects.ts';
import { share } from './share.ts';
import { watch } from './watch.ts';
import { type Result, megabytes, milliseconds, seconds } from './table.ts';

export interface Bench {
  /** An empty project with a store. */
  readonly folder: string;
  /** Small sizes, few runs. */
  readonly quick: boolean;
}

export interface Row {
  readonly name: string;
  readonly about: string;
  run(bench: Bench): Promise<Result[]>;
}

export const rows: readonly Row[] = [
  { name: 'jobs', about: '2,000 empty recipes: make, redo, GNU parallel', run: jobs },
  { name: 'many', about: '20,000 jobs: cost per job as at 2,000', run: many },
  { name: 'build', about: 'a C build of 30 s or more', run: build },
  { name: 'edges', about: '2,000 trivial edges of ninja', run: edges },
  { name: 'ninja', about: 'a C build by ninja', run: ninja },
  { name: 'cargo', about: 'a cargo workspace of 6 crates', run: cargo },
  { name: 'show', about: 'show of 150 MB: cat, redo-log', run: show },
  { name: 'grep', about: 'grep of a word in 1 GB of logs: grep -rn', run: grep },
  { name: 'start', about: 'start of show: node -e 0', run: start },
  { name: 'looking', about: 'jobs, show, problems, why of 100,000 jobs', run: looking },
  { name: 'again', about: 'show -u, diff, why, time, jobs of 1,600 jobs in 40 makes', run: again },
  { name: 'idle', about: 'make with nothing to do: node -e 0, make', run: idle },
  { name: 'cached', about: 'a C build with a warm ccache: processor time', run: cached },
  { name: 'time', about: 'the critical path of 100,000 jobs with 1,000,000 needs', run: timeOf },
  { name: 'ls', about: 'ls of 1,000 builds of 200 jobs: node -e 0', run: ls },
  { name: 'history', about: 'show -u with 1,000 builds before: without them', run: history },
  { name: 'problems', about: 'problems of 150 MB: MB a second', run: problems },
  { name: 'latency', about: "from a job's write to loglin's", run: latency },
  { name: 'watch', about: 'from a write to the build, idle, 100,000 inputs', run: watch },
  { name: 'volume', about: '4 × 500 MB at once: memory and time', run: volume },
  { name: 'browser', about: 'tui of 100,000 jobs and 1 GB of logs: keys, memory, following', run: browser },
  {
    name: 'fleet',
    about: '10,000 builds of 300 jobs in a folder and in Swift: push, ls, flaky, trend',
    run: fleet,
  },
  { name: 'share', about: 'push and show of 5,000 jobs, 100 MB: gzip and curl, node -e 0', run: share },
  { name: 'page', about: 'the page in chromium: 100,000 jobs and 1 GB of logs', run: page },
  { name: 'pagelive', about: "the page in chromium: from a job's write to the document", run: pageLive },
  { name: 'pagefile', about: 'export --html of 5,000 jobs, and its first paint', run: pageFile },
  { name: 'gigabyte', about: 'one job of 1 GB: memory and time', run: gigabyte },
];

const wall = (samples: readonly Sample[]): Spread => spread(samples.map((sample) => sample.wall));

/** A line of the table from pairs, with a goal for the median ratio. */
function compared(what: string, peer: string, pairs: Pairs, most?: number): Result {
  const ratio = ratios(pairs);
  return {
    what,
    ours: seconds(wall(pairs.ours)),
    peer: `${peer} ${seconds(wall(pairs.peer))}`,
    ratio,
    ...(pairs.peer.every(({ cpu }) => cpu >= 0.1) ? { cpu: ratios(pairs, 'cpu') } : {}),
    runs: pairs.ours.length,
    ...(most === undefined ? {} : { goal: `≤ ${most} ×`, met: ratio.median <= most }),
  };
}

function there(program: string, cwd: string): boolean {
  try {
    output(`command -v ${program}`, { cwd });
    return true;
  } catch {
    return false;
  }
}

const absent = (what: string, program: string): Result => ({
  what,
  ours: '',
  peer: `${program} is not installed`,
  runs: 0,
});

/** @throws unless a run prints as many lines as it should: a fast wrong answer is none. */
function checkLines(script: string, lines: number, cwd: string): void {
  const printed = Number(output(`${script} | wc -l`, { cwd }));
  if (printed !== lines) throw new Error(`${script}: printed ${printed} lines, not ${lines}`);
}

// -- many small jobs -------------------------------------------------------------------------------------

async function jobs({ folder, quick }: Bench): Promise<Result[]> {
  const count = quick ? 200 : 2000;
  const name = `${count.toLocaleString('en')} recipes \`@:;echo x\` at -j2`;
  fs.writeFileSync(path.join(folder, 'Makefile'), emptyRecipes(count));
  checkLines('loglin make -j2', 2 * count, folder);
  const at = { cwd: folder };
  const beside = await inTurns(
    quick ? 3 : 11,
    () => run('loglin make -j2 >/dev/null', at),
    () => run('make -j2 >/dev/null', at),
  );
  const results = [compared(name, 'make', beside, 1.35)];

  const others = [
    { program: 'redo', what: `${name}, as redo targets`, script: 'redo -j2 all >/dev/null 2>&1' },
    {
      program: 'parallel',
      what: `${name}, by GNU parallel`,
      script: `seq ${count} | parallel -j2 echo x >/dev/null`,
    },
  ];
  const list = Array.from({ length: count }, (_, i) => `t${i}`).join(' ');
  fs.writeFileSync(path.join(folder, 'all.do'), `redo-ifchange ${list}\n`);
  fs.writeFileSync(path.join(folder, 'default.do'), ':;echo x >&2\n');
  for (const { program, what, script } of others) {
    if (!there(program, folder)) {
      results.push(absent(what, program));
      continue;
    }
    const pairs = await inTurns(
      quick ? 1 : 3,
      () => run('loglin make -j2 >/dev/null', at),
      () => {
        fs.rmSync(path.join(folder, '.redo'), { recursive: true, force: true });
        return run(script, at);
      },
    );
    results.push({ ...compared(what, program, pairs), goal: '< 1 ×', met: ratios(pairs).median < 1 });
  }
  return results;
}

function emptyRecipes(count: number): string {
  const names = Array.from({ length: count }, (_, i) => `t${i}`);
  return `all: ${names.join(' ')}\n${names.map((name) => `${name}: ; @:;echo x\n`).join('')}`;
}

async function many({ folder, quick }: Bench): Promise<Result[]> {
  const [few, lots] = quick ? [200, 2000] : [2000, 20000];
  for (const count of [few, lots]) fs.writeFileSync(path.join(folder, `${count}.mk`), emptyRecipes(count));
  checkLines(`loglin make -f ${lots}.mk -j2`, 2 * lots, folder);
  const script = (count: number, command: string): string => `${command} -f ${count}.mk -j2 >/dev/null`;
  const each = async (count: number, command: string): Promise<Sample> => {
    const { wall, cpu } = await run(script(count, command), { cwd: folder });
    return { wall: wall / count, cpu: cpu / count };
  };
  const runs = quick ? 1 : 3;
  const lotsPairs = await inTurns(
    runs,
    () => each(lots, 'loglin make'),
    () => each(few, 'loglin make'),
  );
  const makePairs = await inTurns(
    runs,
    () => each(lots, 'make'),
    () => each(few, 'make'),
  );
  const number = (count: number): string => count.toLocaleString('en');
  return [
    compared(`a job among ${number(lots)}`, `among ${number(few)}`, lotsPairs, 1.1),
    compared(`the same in make alone`, `among ${number(few)}`, makePairs),
  ];
}

// -- a build that does something -------------------------------------------------------------------------

async function build({ folder, quick }: Bench): Promise<Result[]> {
  const given = process.env.BENCH_BUILD;
  const cwd = given === undefined ? folder : path.resolve(given);
  if (given === undefined) compileProject(folder, quick ? 12 : 260);
  const pairs = await cleanBuilds(cwd, path.join(folder, '.loglin'), 'make clean', 'make -j2', quick ? 1 : 5);
  return [compared(`a C build (${given ?? '260 generated files, cc -O2'}) at -j2`, 'make', pairs, 1.02)];
}

/** The same build from clean, with loglin and without. */
async function cleanBuilds(
  cwd: string,
  store: string,
  clean: string,
  build: string,
  runs: number,
): Promise<Pairs> {
  const from = (wrapper: string) => () => {
    output(clean, { cwd });
    return run(`${wrapper}${build} >/dev/null`, { cwd });
  };
  const pairs = await inTurns(runs, from(`loglin --store '${store}' `), from(''));
  output(clean, { cwd });
  return pairs;
}

// -- ninja -----------------------------------------------------------------------------------------------

async function edges({ folder, quick }: Bench): Promise<Result[]> {
  const count = quick ? 200 : 2000;
  const what = `${count.toLocaleString('en')} edges \`:;echo x\``;
  if (!there('ninja', folder)) return [absent(what, 'ninja')];
  const targets = Array.from({ length: count }, (_, i) => `build t${i}: say\n`);
  fs.writeFileSync(path.join(folder, 'build.ninja'), `rule say\n  command = :;echo x\n${targets.join('')}`);
  checkLines('loglin ninja -j2', 3 * count, folder);
  const results: Result[] = [];
  // With one job at a time, loglin has a core to itself even where there are only two.
  for (const [jobs, most] of [
    [2, 1.35],
    [1, 1.15],
  ] as const) {
    const pairs = await inTurns(
      quick ? 3 : 11,
      () => run(`loglin ninja -j${jobs} >/dev/null`, { cwd: folder }),
      () => run(`ninja -j${jobs} >/dev/null`, { cwd: folder }),
    );
    results.push(compared(`${what} at -j${jobs}`, 'ninja', pairs, most));
  }
  return results;
}

async function ninja({ folder, quick }: Bench): Promise<Result[]> {
  const given = process.env.BENCH_NINJA;
  const cwd = given === undefined ? folder : path.resolve(given);
  const files = quick ? 12 : 260;
  const what = `a C build (${given ?? `${files} generated files, cc -O2`}) by ninja at -j2`;
  if (!there('ninja', folder)) return [absent(what, 'ninja')];
  if (given === undefined) ninjaProject(folder, files);
  const pairs = await cleanBuilds(
    cwd,
    path.join(folder, '.loglin'),
    'ninja -t clean',
    'ninja -j2',
    quick ? 1 : 7,
  );
  return [compared(what, 'ninja', pairs, 1.03)];
}

async function cargo({ folder, quick }: Bench): Promise<Result[]> {
  const what = 'a cargo workspace of 6 crates at -j2';
  if (!there('cargo', folder)) return [absent(what, 'cargo')];
  cargoProject(folder, 6);
  const pairs = await cleanBuilds(
    folder,
    path.join(folder, '.loglin'),
    'cargo clean --quiet',
    'cargo build --quiet --offline -j2 2>&1',
    quick ? 1 : 7,
  );
  return [compared(what, 'cargo', pairs, 1.15)];
}

// -- show ------------------------------------------------------------------------------------------------

async function show({ folder, quick }: Bench): Promise<Result[]> {
  const size = quick ? 15e6 : 150e6;
  const at = { cwd: folder };
  const name = `show of ${megabytes(size)} in 4 jobs`;
  const quarter = logLines(size / 4);
  for (let i = 0; i < 4; i++) fs.writeFileSync(path.join(folder, `part${i}`), quarter);
  fs.writeFileSync(
    path.join(folder, 'Makefile'),
    'all: t0 t1 t2 t3\nt0: ; @cat part0\nt1: ; @cat part1\nt2: ; @cat part2\nt3: ; @cat part3\n',
  );
  await run('loglin make -j2 >/dev/null', at);
  await run('cat part0 part1 part2 part3 >file', at);
  const beside = await inTurns(
    quick ? 3 : 11,
    () => run('loglin show | cat >/dev/null', at),
    () => run('cat file | cat >/dev/null', at),
  );
  const results = [compared(name, 'cat file \\| cat', beside, 1.5)];
  if (!there('redo', folder)) return [...results, absent(`${name}, redo-log`, 'redo')];
  fs.writeFileSync(path.join(folder, 'all.do'), 'redo-ifchange u0 u1 u2 u3\n');
  fs.writeFileSync(path.join(folder, 'default.do'), 'cat part${2#u} >&2\n');
  await run('redo -j2 all >/dev/null 2>&1', at);
  const printed = Number(output('redo-log -r all | wc -c', at));
  if (printed < size) throw new Error(`redo-log printed ${printed} bytes, not ${size}`);
  const redo = await inTurns(
    quick ? 1 : 3,
    () => run('loglin show | cat >/dev/null', at),
    () => run('redo-log -r all | cat >/dev/null', at),
  );
  const times = ratios(redo).median;
  return [...results, { ...compared(name, 'redo-log', redo), goal: '≤ 1/20 ×', met: times <= 1 / 20 }];
}

async function grep({ folder, quick }: Bench): Promise<Result[]> {
  const jobs = 16;
  const size = quick ? 50e6 : 1e9;
  const at = { cwd: folder };
  fs.writeFileSync(path.join(folder, 'part'), logLines(size / jobs));
  const names = Array.from({ length: jobs }, (_, i) => `t${i}`).join(' ');
  const makefile = `all: ${names} last\n${names}: ; @cat part\nlast: ; @echo one needle\n`;
  fs.writeFileSync(path.join(folder, 'Makefile'), makefile);
  await run('loglin make -j2 >/dev/null', at);
  const theirs = (pattern: string): string => `grep -rn -e '${pattern}' .loglin/builds/*/logs`;
  const results: Result[] = [];
  // A word that is hardly there, one that is in many lines, and an expression that is in all warnings.
  const patterns = ['needle', 'value17', '[0-9]:[0-9][0-9]*: [w]'];
  for (const [i, pattern] of patterns.entries()) {
    checkLines(`loglin grep -e '${pattern}'`, Number(output(`${theirs(pattern)} | wc -l`, at)), folder);
    const pairs = await inTurns(
      quick ? 3 : 7,
      () => run(`loglin grep -e '${pattern}' >/dev/null`, at),
      () => run(`${theirs(pattern)} | cat >/dev/null`, at),
    );
    const what = `grep of \`${pattern}\` in ${megabytes(size)}, ${jobs} jobs`;
    results.push(compared(what, 'grep -rn', pairs, [3, undefined, 2][i]));
  }
  return results;
}

async function start({ folder, quick }: Bench): Promise<Result[]> {
  const at = { cwd: folder };
  fs.writeFileSync(path.join(folder, 'Makefile'), 'all: a b\na b: ; echo $@\n');
  await run('loglin make >/dev/null', at);
  checkLines('loglin show', 6, folder);
  const count = quick ? 5 : 31;
  const pairs = await inTurns(
    count,
    () => runBare(LOGLIN, ['show'], at),
    () => runBare('node', ['-e', '0'], at),
  );
  return [compared('start of show, a build of 2 jobs', 'node -e 0', pairs, 1.3)];
}

/** Runs of a command beside `node -e 0`, with a goal for the time that it takes. */
async function within(
  what: string,
  script: string,
  most: number,
  { folder, quick }: Bench,
  peer: { readonly name: string; readonly script: string } = { name: 'node -e 0', script: 'node -e 0' },
): Promise<Result> {
  const at = { cwd: folder };
  const pairs = await inTurns(
    quick ? 3 : 11,
    () => run(`${script} >/dev/null`, at),
    () => run(`${peer.script} >/dev/null`, at),
  );
  const result = compared(what, peer.name, pairs);
  return { ...result, goal: `≤ ${most * 1000} ms`, met: wall(pairs.ours).median <= most };
}

/** Opens, reads and closes each file of a folder: what a file for each job costs. */
const READER = `const fs = require('node:fs');
const bytes = Buffer.alloc(65536);
for (const name of fs.readdirSync(process.argv[2])) {
  const fd = fs.openSync(process.argv[2] + '/' + name);
  fs.readSync(fd, bytes, 0, bytes.length, 0);
  fs.closeSync(fd);
}
`;

async function looking(bench: Bench): Promise<Result[]> {
  const count = bench.quick ? 10_000 : 100_000;
  const most = 0.8;
  const { folder } = bench;
  const logs = path.join(
    path.dirname(recordedBuild(path.join(folder, '.loglin'), count, { each: 300, last: 30_000 })),
    'logs',
  );
  fs.writeFileSync(path.join(folder, 'read.cjs'), READER);
  const reader = { name: 'Node reads each log', script: `node read.cjs '${logs}'` };
  const of = `${count.toLocaleString('en')} jobs`;
  const first = await run('loglin jobs >/dev/null', { cwd: folder });
  checkLines('loglin jobs', count, folder);
  const target = `out/${count / 2}.o`;
  return [
    {
      what: `first look at ${of}, which makes the index: jobs`,
      ours: seconds(wall([first])),
      peer: '',
      runs: 1,
    },
    await within(`jobs of ${of}`, 'loglin jobs', most, bench),
    await within(`why of one of ${of}`, `loglin why ${target}`, most, bench),
    await within(`show of ${of} into tail`, 'loglin show | tail', most, bench, reader),
    await within(`problems of ${of}`, 'loglin problems', most, bench, reader),
  ];
}

/** A build from clean, one after a change, and what is asked after them. BENCH_MAKE=dir: of that checkout. */
async function again(bench: Bench): Promise<Result[]> {
  const given = process.env.BENCH_MAKE;
  const cwd = given === undefined ? bench.folder : path.resolve(given);
  const store = path.join(bench.folder, '.loglin');
  const jobs = given === undefined ? recursiveProject(cwd) : 0;
  const at = { cwd };
  const loglin = (words: string): string => `loglin ${words} --store '${store}'`;
  if (given !== undefined) output('make clean', at);
  await run(`loglin --store '${store}' make -j2 >/dev/null`, at);
  output(
    given === undefined ? 'touch src/backend/part7/unit7_7.c' : 'touch $(git ls-files "*.c" | head -1)',
    at,
  );
  await run(`loglin --store '${store}' make -j2 >/dev/null`, at);
  const of = given ?? `${jobs.toLocaleString('en')} jobs in 41 makes`;
  const results: Result[] = [];
  for (const words of ['show -u', 'diff', 'why --tree', 'time', 'jobs', 'time -b -1', 'jobs -b -1']) {
    // The first look makes the indexes.
    await run(`${loglin(words)} >/dev/null`, at);
    results.push(
      await within(`${words} after builds of ${of}`, loglin(words), 0.25, { ...bench, folder: cwd }),
    );
  }
  return results;
}

/** What an up-to-date build takes; Node's own start, which it cannot do without, is the measure. */
async function idle({ folder, quick }: Bench): Promise<Result[]> {
  const at = { cwd: folder };
  fs.writeFileSync(path.join(folder, 'Makefile'), 'all: a b\na: ; @echo a >$@\nb: ; @echo b >$@\n');
  // The code that V8 compiles is kept after the first one.
  for (let i = 0; i < 2; i++) output('loglin make', at);
  const what = 'make with nothing to do';
  const ours = (): Sample => runBare(LOGLIN, ['make'], at);
  const count = quick ? 5 : 31;
  const beside = await inTurns(count, ours, () => runBare('node', ['-e', '0'], at));
  const make = await inTurns(count, ours, () => runBare('make', [], at));
  return [compared(what, 'node -e 0', beside, 2.2), compared(what, 'make', make)];
}

/** All objects come from ccache, so that a compiler's time hides nothing. */
async function cached({ folder, quick }: Bench): Promise<Result[]> {
  const files = quick ? 12 : 260;
  const what = `a C build (${files} generated files) from a warm ccache at -j2`;
  if (!there('ccache', folder)) return [absent(what, 'ccache')];
  compileProject(folder, files);
  process.env.CCACHE_DIR = path.join(folder, 'ccache');
  output("make CC='ccache cc' -j2", { cwd: folder });
  const build = "make CC='ccache cc' -j2";
  const pairs = await cleanBuilds(folder, path.join(folder, '.loglin'), 'make clean', build, quick ? 3 : 11);
  const cpu = ratios(pairs, 'cpu');
  return [{ ...compared(what, 'make', pairs), cpu, goal: 'processor ≤ 1.1 ×', met: cpu.median <= 1.1 }];
}

/** Reads each record of a journal, and does nothing with it. */
const PARSER = `for (const line of require('node:fs').readFileSync(process.argv[2], 'utf8').split('\\n'))
  if (line !== '') JSON.parse(line);
`;

async function timeOf({ folder, quick }: Bench): Promise<Result[]> {
  const count = quick ? 10_000 : 100_000;
  const journal = recordedBuild(path.join(folder, '.loglin'), count);
  fs.writeFileSync(path.join(folder, 'parse.cjs'), PARSER);
  const at = { cwd: folder };
  const pairs = await inTurns(
    quick ? 1 : 5,
    () => run('loglin time >/dev/null', at),
    () => run(`node parse.cjs '${journal}'`, at),
  );
  const what = `time of ${count.toLocaleString('en')} jobs, 10 needs each (journal of ${megabytes(fs.statSync(journal).size)})`;
  return [compared(what, 'JSON.parse of its lines', pairs)];
}

async function ls({ folder, quick }: Bench): Promise<Result[]> {
  const builds = quick ? 100 : 1000;
  const most = 0.15;
  const at = { cwd: folder };
  journalHistory(path.join(folder, '.loglin'), builds, 200);
  checkLines('loglin ls', builds, folder);
  const pairs = await inTurns(
    quick ? 3 : 11,
    () => runBare(LOGLIN, ['ls'], at),
    () => runBare('node', ['-e', '0'], at),
  );
  const result = compared(`ls, ${builds.toLocaleString('en')} builds of 200 jobs`, 'node -e 0', pairs);
  return [{ ...result, goal: '≤ 150 ms', met: wall(pairs.ours).median <= most }];
}

/** A target that last ran before 1,000 other builds. */
async function history({ folder, quick }: Bench): Promise<Result[]> {
  const builds = quick ? 100 : 1000;
  for (const name of ['with', 'without']) {
    const project = path.join(folder, name);
    fs.mkdirSync(path.join(project, '.loglin'), { recursive: true });
    fs.writeFileSync(path.join(project, 'Makefile'), 'all: a b\na: ; echo a >$@\nb: ; echo b\n');
    output('loglin make', { cwd: project });
    const [first = ''] = fs.readdirSync(path.join(project, '.loglin/builds'));
    const at = (id: string): string => path.join(project, '.loglin/builds', id);
    fs.renameSync(at(first), at('20250101-000000000-abcd'));
    if (name === 'with') journalHistory(path.join(project, '.loglin'), builds, 200);
    output('loglin make', { cwd: project });
    checkLines('loglin show -u a', 2, project);
  }
  const shown = (name: string) => () =>
    runBare(LOGLIN, ['show', '-u', 'a'], { cwd: path.join(folder, name) });
  const pairs = await inTurns(quick ? 3 : 21, shown('with'), shown('without'));
  const what = `show -u after ${builds.toLocaleString('en')} builds of 200 jobs`;
  return [compared(what, 'without them', pairs, 1.5)];
}

// -- problems --------------------------------------------------------------------------------------------

async function problems({ folder, quick }: Bench): Promise<Result[]> {
  const size = quick ? 15e6 : 150e6;
  const at = { cwd: folder };
  const kinds = [
    { what: 'a warning in 50 lines', text: fewWarnings(size / 4), goal: 100 },
    { what: 'a warning in 4 lines', text: logLines(size / 4), goal: 100 },
  ];
  const results: Result[] = [];
  for (const { what, text, goal } of kinds) {
    fs.writeFileSync(path.join(folder, 'part'), text);
    fs.writeFileSync(
      path.join(folder, 'Makefile'),
      'all: t0 t1 t2 t3\nt0 t1 t2 t3: ; @sed "s,src/,src/$@/,g" part\n',
    );
    await run('loglin make -j2 >/dev/null', at);
    const bytes = Number(output('loglin show --raw | wc -c', at));
    const samples: Sample[] = [];
    for (let i = 0; i < (quick ? 3 : 11); i++) samples.push(await run('loglin problems >/dev/null 2>&1', at));
    const speeds = spread(samples.map((sample) => bytes / 1e6 / sample.wall));
    results.push({
      what: `problems of ${megabytes(bytes)}, ${what}`,
      ours: `${speeds.median.toFixed(0)} MB/s (${speeds.min.toFixed(0)}–${speeds.max.toFixed(0)})`,
      peer: '',
      runs: samples.length,
      goal: `≥ ${goal} MB/s`,
      met: speeds.median >= goal,
    });
  }
  return results;
}

// -- while it runs ---------------------------------------------------------------------------------------

/** Writes the time, in nanoseconds of the system's monotonic clock, every 20 to 50 ms. */
const WRITER = `const fs = require('node:fs');
let left = Number(process.argv[2]);
const write = () => {
  fs.writeSync(1, process.hrtime.bigint() + '\\n');
  if (--left > 0) setTimeout(write, 20 + (left * 7) % 31);
};
write();
`;

async function latency({ folder, quick }: Bench): Promise<Result[]> {
  const count = quick ? 30 : 500;
  fs.writeFileSync(path.join(folder, 'writer.cjs'), WRITER);
  // The others stop with the writer; each prints about as often as it does.
  const others = Array.from({ length: 15 }, (_, i) => `o${i}`).join(' ');
  const makefile = (other: string): string =>
    `all: writer $(OTHERS)\nwriter: ; @node writer.cjs ${count}; touch over\n$(OTHERS): ; @until [ -e over ]; do ${other}; done\n`;
  fs.writeFileSync(path.join(folder, 'Makefile'), makefile('echo $@; sleep 0.03'));
  fs.writeFileSync(
    path.join(folder, 'busy.mk'),
    makefile('i=0; while [ $$i -lt 9999 ]; do i=$$((i + 1)); done; echo $@'),
  );
  const kinds = [
    { what: 'write to write, one job', args: '-j1', most: 50 },
    { what: 'write to write, 15 other jobs write', args: `-j16 OTHERS='${others}'`, most: 50 },
    {
      what: 'write to write, 15 other jobs compute',
      args: `-j16 -f busy.mk OTHERS='${others}'`,
      most: undefined,
    },
  ];
  const results: Result[] = [];
  for (const { what, args, most } of kinds) {
    fs.rmSync(path.join(folder, '.loglin'), { recursive: true });
    fs.mkdirSync(path.join(folder, '.loglin'));
    const peer = await delays(`make ${args}`, folder, count);
    const ours = await delays(`loglin make ${args}`, folder, count);
    const text = (values: readonly number[]): string =>
      `p50 ${milliseconds(percentile(values, 0.5))}, p99 ${milliseconds(percentile(values, 0.99))}`;
    results.push({
      what,
      ours: text(ours),
      peer: `make ${text(peer)}`,
      runs: count,
      ...(most === undefined ? {} : { goal: `p99 ≤ ${most} ms`, met: percentile(ours, 0.99) <= most }),
    });
  }
  return results;
}

/** Runs a build whose writer's times come back here: how long each was on its way, in milliseconds. */
function delays(script: string, cwd: string, count: number): Promise<number[]> {
  fs.rmSync(path.join(cwd, 'over'), { force: true });
  const child = spawn('/bin/sh', ['-c', `exec ${script}`], {
    cwd,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const found: number[] = [];
  let rest = '';
  child.stdout.on('data', (bytes: Buffer) => {
    const now = process.hrtime.bigint();
    const lines = (rest + bytes.toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (/^\d{9,}$/.test(line)) found.push(Number(now - BigInt(line)) / 1e6);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      if (found.length === count) resolve(found);
      else reject(new Error(`${script}: ${found.length} of ${count} lines arrived`));
    });
  });
}

function volume(bench: Bench): Promise<Result[]> {
  return flood(bench, 4, bench.quick ? 50e6 : 500e6);
}

function gigabyte(bench: Bench): Promise<Result[]> {
  return flood(bench, 1, bench.quick ? 100e6 : 1e9);
}

async function flood({ folder, quick }: Bench, count: number, size: number): Promise<Result[]> {
  const names = Array.from({ length: count }, (_, i) => `t${i}`).join(' ');
  fs.writeFileSync(path.join(folder, 'Makefile'), `all: ${names}\n${names}: ; @${commandLines(size)}\n`);
  const at = { cwd: folder };
  const peaks: number[] = [];
  const ours = `sh -c 'echo $$ >pid; exec loglin make -j${count}'`;
  const printed = Number(output(`${ours} | wc -c`, at));
  if (printed < count * size) throw new Error(`${printed} bytes printed, not ${count * size}`);
  const pairs = await inTurns(
    quick ? 1 : 3,
    async () => {
      fs.rmSync(path.join(folder, '.loglin/builds'), { recursive: true, force: true });
      fs.rmSync(path.join(folder, 'pid'), { force: true });
      const peak = followPeak(path.join(folder, 'pid'));
      const sample = await run(`${ours} | cat >/dev/null`, at);
      peaks.push(peak());
      return sample;
    },
    () => run(`make -j${count} | cat >/dev/null`, at),
  );
  const what = `${count} × ${megabytes(size)} at once`;
  const peak = spread(peaks);
  return [
    compared(what, 'make \\| cat', pairs, 2),
    {
      what: `${what}: peak memory of loglin`,
      ours: megabytes(peak.max),
      peer: '',
      runs: peaks.length,
      goal: '< 150 MB',
      met: peak.max < 150e6,
    },
  ];
}
