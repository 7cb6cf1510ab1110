// Every key of the browser does what its help says: each action of keys.ts has a trial, made with each of its
// keys, in a real terminal.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Action, KEYS, keyName } from '../../src/tui/keys.ts';
import { Browser, type PaneName, copySample, typed } from '../rig/browser.ts';
import { screen } from '../rig/tmux.ts';
import { LOGLIN, type Tree, needs, tree, until } from '../rig/tree.ts';

/** What a trial has: the browser, the key, and the folder that it runs in. */
interface Scene {
  readonly b: Browser;
  readonly key: string;
  readonly it: Tree;
}

/** The browser's arguments, undefined where the trial starts the browser; and the trial. */
type Trial = readonly [args: string | undefined, run: (scene: Scene) => Promise<void>];

const LUA = '--store lua';
const LUA_BEFORE = '--store lua -b -1';
const LZ4 = '--store lz4';

/** The rows of the last build of lua; the browser begins at the job that failed. */
const MAKE = 'make -k -j4';
const ROWS = [
  MAKE,
  'ltests',
  'lauxlib',
  'lbaselib',
  'ldblib',
  'liolib',
  'lmathlib',
  'loslib',
  'ltablib',
  'lstrlib',
]
  .concat('lutf8lib', 'loadlib', 'lcorolib', 'linit', 'lua')
  .map((name, i) => (i === 0 ? name : `${name}.o`));
const BUILDS = ['20261121-083050534-3dd5', '20261121-083116659-aea0', '20261121-083141926-9949'] as const;

const GCC = 'gcc -Wall -O2  -Wfatal-errors -Wextra';
const TOO_FEW = 'loslib.c:195:3: error: too few arguments';
const SIGNED = 'lstrlib.c:130:21: warning: comparison';
const UNUSED = 'lstrlib.c:126:7: warning: unused variable';
const EXPECTED = 'lstrlib.c:132:35: error: expected';

// -- what the screen shows -------------------------------------------------------------------------------

/** Waits until the cursor of the list is on a job. */
const at = (b: Browser, name: string): Promise<void> =>
  b.shows(`the cursor on ${name}`, () => ` ${b.selected()} `.includes(` ${name} `));

/** Waits for the beginning of the line at the log's cursor. */
const line = (b: Browser, text: string): Promise<void> =>
  b.shows(`the log's cursor on: ${text}`, () => b.logCursor().startsWith(text));

/** Waits for the beginning of the log pane's title. */
const title = (b: Browser, text: string): Promise<void> =>
  b.shows(`a log named ${text}`, () => b.title('log').startsWith(`${text} `));

const focus = (b: Browser, pane: PaneName): Promise<void> =>
  b.shows(`the focus on ${pane}`, () => b.focus() === pane);

/** Waits until this many rows of jobs are shown. */
const rows = (b: Browser, count: number): Promise<void> =>
  b.shows(`${count} rows of jobs`, () => b.list('jobs').length === count);

/** The name in a row of the jobs, in a tree or on the dashboard. */
const nameOf = (row: string): string => /^ *(?:[▸▾ ] )?\S (.*?)(?: ◆)?(?:  .*)?$/.exec(row)?.[1] ?? row;

const names = (b: Browser): string[] => b.list('jobs').map(nameOf);

/** The line numbers in the log pane. */
const numbers = (b: Browser): number[] => b.log().map((row) => Number.parseInt(row, 10));

const numbered = (
  b: Browser,
  what: string,
  is: (numbers: number[], cursor: number) => boolean,
): Promise<void> => b.shows(what, () => is(numbers(b), Number.parseInt(b.logCursor(), 10)));

/** Opens a log with more lines than the pane has, with line numbers. @returns how many lines are shown. */
async function longLog(b: Browser): Promise<number> {
  b.press('g', 'b');
  await title(b, `${MAKE} and below`);
  b.press('3', '#');
  await numbered(b, 'the first line', ([first], cursor) => first === 1 && cursor === 1);
  return numbers(b).length;
}

/** Goes to the end of such a log. @returns the number of the first line that is then shown. */
async function longLogsEnd(b: Browser): Promise<number> {
  await longLog(b);
  b.press('G');
  await b.shows('the last line', () => b.logCursor().includes('not remade because of errors'));
  return numbers(b)[0]!;
}

// -- a build that runs -----------------------------------------------------------------------------------

const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;

/** Runs a build in live/, shows it, and ends both. */
async function live({ b, it }: Scene, run: (go: (file: string) => void) => Promise<void>): Promise<void> {
  fs.rmSync(it.path('live'), { recursive: true, force: true });
  it.write({
    'live/Makefile': `all: one two\none:\n\t@echo says one; ${WAIT('1')}; echo more; ${WAIT('2')}; echo last; ${WAIT('3')}\ntwo:\n\t@echo two\n`,
  });
  const build = it.start([LOGLIN, 'make', '-j2'], { cwd: it.path('live') });
  const go = (file: string): void => {
    it.write({ [`live/${file}`]: '' });
  };
  try {
    await it.file('live/.loglin/builds');
    await b.start('--store live/.loglin');
    await b.shows('one job that runs, and one that has ended', () =>
      /● one .*✓ two /s.test(b.list('jobs').join()),
    );
    await run(go);
  } finally {
    for (const file of ['1', '2', '3']) go(file);
    await build.ended;
  }
}

// -- the trials ------------------------------------------------------------------------------------------

/** Each pane, starting with the jobs. */
const round = (panes: readonly PaneName[]): Trial => [
  LUA,
  async ({ b, key }) => {
    for (const pane of panes) {
      b.press(key);
      await focus(b, pane);
    }
  },
];

const TRIALS: Readonly<Record<Action, Trial>> = {
  down: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await at(b, 'ltablib.o');
      await title(b, 'ltablib.o');
      await longLog(b);
      b.press(key);
      await numbered(b, 'line 2', (_, cursor) => cursor === 2);
      b.press('1', key);
      await b.shows('the second build', () => b.selected().includes('2 failed'));
    },
  ],
  up: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await at(b, 'lmathlib.o');
      await title(b, 'lmathlib.o');
      await longLog(b);
      b.press('j', 'j');
      await numbered(b, 'line 3', (_, cursor) => cursor === 3);
      b.press(key);
      await numbered(b, 'line 2', (_, cursor) => cursor === 2);
    },
  ],
  pageDown: [
    LUA,
    async ({ b, key }) => {
      const page = b.list('jobs').length;
      b.press('g');
      await at(b, MAKE);
      b.press(key);
      await at(b, ROWS[page]!);
      const lines = await longLog(b);
      b.press(key);
      await numbered(b, 'the next page', ([first], cursor) => first === lines + 1 && cursor === first);
    },
  ],
  pageUp: [
    LUA,
    async ({ b, key }) => {
      const page = b.list('jobs').length;
      b.press('G');
      await at(b, 'lua.o');
      b.press(key);
      await at(b, ROWS.at(-1 - page)!);
      const first = await longLogsEnd(b);
      b.press(key);
      await numbered(b, 'the page before', (shown) => shown.at(-1) === first - 1);
    },
  ],
  halfDown: [
    LUA,
    async ({ b, key }) => {
      const half = b.list('jobs').length / 2;
      b.press('g');
      await at(b, MAKE);
      b.press(key);
      await at(b, ROWS[half]!);
      const lines = await longLog(b);
      b.press(key);
      await numbered(b, 'half a page more', ([first]) => first === 1 + Math.floor(lines / 2));
    },
  ],
  halfUp: [
    LUA,
    async ({ b, key }) => {
      const half = b.list('jobs').length / 2;
      b.press('G');
      await at(b, 'lua.o');
      b.press(key);
      await at(b, ROWS.at(-1 - half)!);
      const first = await longLogsEnd(b);
      const lines = numbers(b).length;
      b.press(key);
      await numbered(b, 'half a page before', ([now]) => now === first - Math.floor(lines / 2));
    },
  ],
  first: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await at(b, MAKE);
      await longLogsEnd(b);
      b.press(key);
      await numbered(b, 'line 1', ([first], cursor) => first === 1 && cursor === 1);
    },
  ],
  last: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await at(b, 'lua.o');
      await longLog(b);
      b.press(key);
      await b.shows('the last line', () => b.logCursor().includes('not remade because of errors'));
      assert.match(b.title('log'), /-(\d+)\/\1$/);
    },
  ],
  left: [
    LUA,
    async ({ b, key }) => {
      b.press('3', 'g', 'l', 'l');
      await line(b, GCC.slice(16));
      b.press(key);
      await line(b, GCC.slice(8));
      b.press('2', key);
      await at(b, MAKE);
      b.press(key);
      await rows(b, 1);
      assert.match(b.list('jobs')[0]!, /^▸ ✗ make/);
    },
  ],
  right: [
    LUA,
    async ({ b, key }) => {
      b.press('3', 'g', key);
      await line(b, GCC.slice(8));
      b.press('2', 'h');
      await at(b, MAKE);
      b.press('h');
      await rows(b, 1);
      b.press(key);
      await rows(b, 8);
      assert.match(b.list('jobs')[0]!, /^▾ ✗ make/);
    },
  ],
  open: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await focus(b, 'log');
      b.press('p');
      await title(b, 'Problems');
      b.press('j', key);
      await title(b, 'lstrlib.o');
      await line(b, SIGNED);
      b.press('1', 'j', key);
      await b.shows('the build before', () => b.title('jobs').endsWith('14  2 failed'));
      await focus(b, 'jobs');
      await b.quit();
      await b.start(LZ4);
      b.press('I', 'j', 'j', 'j', 'j');
      await at(b, '↑ liblz4.a');
      b.press(key);
      await at(b, '✓ liblz4.a');
      b.press('g');
      await title(b, 'make -j4 all');
      b.press('3', 'G', key);
      await line(b, '▸ liblz4.a');
      b.press('j', key);
      await title(b, 'manuals');
    },
  ],
  back: [
    LUA,
    async ({ b, key }) => {
      for (const [away, where] of [
        ['d', 'diff loslib.o'],
        ['w', 'why loslib.o'],
        ['p', 'Problems'],
      ] as const) {
        b.press(away);
        await title(b, where);
        b.press(key);
        await title(b, 'loslib.o');
        await focus(b, 'jobs');
      }
      b.press('g');
      await title(b, MAKE);
      b.press('3', 'G', 'enter', 'g');
      await line(b, '▸ ltests.o');
      b.press('j', 'j', 'enter');
      await title(b, 'lbaselib.o');
      b.press(key);
      await title(b, MAKE);
      await line(b, '▸ lbaselib.o');
      b.press(key);
      await line(b, 'Own log');
      await b.quit();
      await b.start(LZ4);
      b.press('I', 'j', 'j', 'j', 'j');
      await at(b, '↑ liblz4.a');
      b.press('enter');
      await at(b, '✓ liblz4.a');
      b.press(key);
      await b.shows('where Enter was', () => /[↑] liblz4\.a/.test(b.selected()));
    },
  ],
  escape: [
    LUA,
    async ({ b, key }) => {
      b.press('/', ...typed('lua.'));
      await b.shows('one job', () => names(b).join() === 'lua.o');
      b.press(key);
      await rows(b, 8);
      assert.match(b.bottom(), /^Enter open/);
      b.press('f');
      await rows(b, 2);
      b.press(key);
      await rows(b, 8);
      b.press('w');
      await title(b, 'why loslib.o');
      b.press(key);
      await title(b, 'loslib.o');
      b.press('3', '/', ...typed('gcc'), 'enter');
      await b.shows('a search', () => b.title('log').includes('/gcc'));
      b.press(key);
      await b.shows('no search', () => {
        // A search that still goes on is given up first.
        if (b.bottom().includes('search given up')) b.press(key);
        return !b.title('log').includes('/gcc');
      });
    },
  ],
  nextPane: round(['log', 'builds', 'jobs']),
  previousPane: round(['builds', 'log', 'jobs']),
  buildsPane: round(['builds']),
  jobsPane: [
    LUA,
    async ({ b, key }) => {
      for (const other of ['1', '3']) {
        b.press(other);
        await focus(b, other === '1' ? 'builds' : 'log');
        b.press(key);
        await focus(b, 'jobs');
      }
    },
  ],
  logPane: round(['log']),
  zoom: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await rows(b, ROWS.length);
      assert.deepEqual(Object.keys(b.panes()), ['jobs']);
      b.press(key);
      await title(b, 'loslib.o');
      await rows(b, 8);
      // A log has nothing beside it then.
      b.press('3', 'l', key);
      await b.shows(
        'the text alone',
        () => b.rows()[2]!.text.trim() === TOO_FEW.slice(8) + ' to function ‘lua_pushlstring’',
      );
      b.press('h');
      await b.shows('the text alone', () => b.rows()[0]!.text.startsWith(`${GCC} -Wshadow`));
      b.press(key);
      await title(b, 'loslib.o');
    },
  ],
  find: [
    LUA,
    async ({ b, key }) => {
      b.press(key, ...typed('lib'));
      await b.shows('eleven jobs', () => /\/lib +1\/11 of 14/.test(b.title('jobs')));
      b.press(...typed(' st'));
      await b.shows('one job', () => names(b).join() === 'lstrlib.o');
      b.press('enter', '3', key, ...typed('un[a-z]+ var'), 'enter');
      await line(b, UNUSED);
      b.press('1', key, ...typed('fail'));
      await b.shows(
        'the builds that failed',
        () => b.list('builds').filter((row) => / \d\d:\d\d /.test(row)).length === 2,
      );
      b.press('enter');
      await b.sees(/^ Builds \/fail +1\/2 *$/m);
    },
  ],
  findEverywhere: [
    LUA,
    async ({ b, key }) => {
      b.press(key, ...typed('in function'), 'enter');
      await b.sees(/^▌\S+\.o:\d+: l\S+\.c: In function/m);
      await b.sees(/ \d+ lines in \d+ of 15 jobs/);
      assert.match(b.title('log'), /^\*in function +1-\d+\/\d+$/);
      b.press(...typed('n'), 'enter');
      await b.sees(/of \d+ /);
      b.press('backspace');
      await title(b, '*in function');
    },
  ],
  nextMatch: [
    LUA,
    async ({ b, key }) => {
      b.press('3', 'g', '/', ...typed('oslib'), 'enter');
      await b.sees(/\/oslib +1 of 4 /);
      b.press(key);
      await line(b, 'loslib.c: In function');
      b.press(key);
      await line(b, TOO_FEW);
      b.press(key);
      await line(b, 'make: *** [<builtin>: loslib.o] Error 1');
      await b.sees(/\/oslib +4 of 4 /);
      b.press(key);
      await b.sees(/ from the start again/);
      await b.sees(/\/oslib +1 of 4 /);
    },
  ],
  previousMatch: [
    LUA,
    async ({ b, key }) => {
      b.press('3', 'g', '/', ...typed('oslib'), 'enter');
      await b.sees(/\/oslib +1 of 4 /);
      b.press(key);
      await b.sees(/ from the end again/);
      await line(b, 'make: *** ');
      b.press(key);
      await line(b, TOO_FEW);
      b.press(key);
      await line(b, 'loslib.c: In function');
    },
  ],
  nextFailure: [
    LUA_BEFORE,
    async ({ b, key }) => {
      await at(b, 'loslib.o');
      b.press(key);
      await at(b, 'lstrlib.o');
      // The log opens at its error, and its warning comes after that.
      await line(b, EXPECTED);
      b.press('3', key);
      await line(b, SIGNED);
      await b.sees(/ warning 1 of 1/);
      b.press(key);
      await line(b, EXPECTED);
      await b.sees(/ error 1 of 1, from the first again/);
    },
  ],
  previousFailure: [
    LUA_BEFORE,
    async ({ b, key }) => {
      b.press('G');
      await at(b, 'lua.o');
      b.press(key);
      await at(b, 'lstrlib.o');
      b.press('3', 'G');
      await line(b, 'make: *** ');
      b.press(key);
      await line(b, EXPECTED);
      b.press(key);
      await line(b, SIGNED);
      await b.sees(/ warning 1 of 1, from the last again/);
      b.press('2', key);
      await at(b, 'loslib.o');
    },
  ],
  failedOnly: [
    LUA_BEFORE,
    async ({ b, key }) => {
      b.press(key);
      await b.shows('what failed', () => names(b).join() === `loslib.o,lstrlib.o,${MAKE}`);
      assert.match(b.title('jobs'), /failed +1\/2 of 14/);
      b.press(key);
      await rows(b, 8);
    },
  ],
  runningOnly: [
    undefined,
    (scene) =>
      live(scene, async () => {
        const { b, key } = scene;
        b.press(key);
        // As the dashboard lists them: the command after its jobs.
        await b.shows('what runs', () => names(b).join() === 'one,make -j2');
        b.press(key);
        await b.shows('all', () => names(b).includes('two'));
      }),
  ],
  slowFirst: [
    LUA,
    async ({ b, key }) => {
      b.press('g', key);
      await b.shows('the slowest', () => names(b).slice(0, 3).join() === `${MAKE},lauxlib.o,lstrlib.o`);
      const seconds = b.list('jobs').map((row) => Number(/([\d.]+)s$/.exec(row)?.[1]));
      assert.deepEqual(
        seconds,
        seconds.toSorted((x, y) => y - x),
      );
      b.press(key);
      await b.shows('the tree', () => names(b).slice(0, 3).join() === ROWS.slice(0, 3).join());
    },
  ],
  order: [
    LZ4,
    async ({ b, key }) => {
      const needed = names(b);
      assert.deepEqual(needed.slice(1, 4), ['lib', 'liblz4.a', 'lz4']);
      b.press(key);
      await b.shows('launches', () => names(b).slice(1, 4).join() === 'liblz4.a,manuals,build_tests');
      b.press(key);
      await b.shows('needs', () => names(b).join() === needed.join());
    },
  ],
  foldAll: [
    LZ4,
    async ({ b, key }) => {
      b.press(key);
      await b.shows('no children', () => names(b).slice(1).join() === 'lib,lz4,examples,manuals,build_tests');
      assert.match(b.list('jobs')[1]!, /^ {2}▸ ✓ lib /);
    },
  ],
  unfoldAll: [
    LZ4,
    async ({ b, key }) => {
      const open = names(b);
      b.press('-');
      await rows(b, 6);
      b.press(key);
      await b.shows('children', () => names(b).join() === open.join());
    },
  ],
  unchanged: [
    LUA,
    async ({ b, key }) => {
      b.press('g', key);
      await b.shows('what did not run', () => /^ +[▾ ] = liblua\.a /m.test(b.list('jobs').join('\n')));
      b.press('j');
      await title(b, 'all');
      assert.deepEqual(b.log().slice(-1), ['touch all']);
      b.press('g', key);
      await b.shows('what ran', () => names(b).join() === ROWS.slice(0, 8).join());
    },
  ],
  dashboard: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      // What ended last comes first among the jobs that did not fail.
      await b.shows(
        'what failed',
        () => names(b).slice(0, 4).join() === `loslib.o,${MAKE},13 ended,lstrlib.o`,
      );
      await title(b, 'loslib.o');
      b.press(key, 'g');
      await b.shows('the tree', () => names(b).join() === ROWS.slice(0, 8).join());
    },
  ],
  auto: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await b.sees(/ the build has ended *$/m);
    },
  ],
  needs: [
    LZ4,
    async ({ b, key, it }) => {
      b.press('j', 'j', 'j');
      await b.shows('lz4 and its need', () => /^✓ lz4 {2}↑ liblz4\.a /.test(b.selected()));
      b.press(key);
      await at(b, '✓ liblz4.a');
      b.press('backspace');
      await at(b, 'lz4');
      b.press('g', key);
      await b.sees(/what it needs is below it/);
      await b.quit();
      fs.rmSync(it.path('needs'), { recursive: true, force: true });
      it.write({ 'needs/Makefile': 'all: a b\na b: x y\na b x y:\n\t@echo $@\n' });
      await it.run([LOGLIN, 'make'], { cwd: it.path('needs') });
      await b.start('--store needs/.loglin');
      b.press('j', 'j', 'j', 'j');
      await b.shows('b and its needs', () => /^✓ b {2}↑ 2 needs /.test(b.selected()));
      b.press(key);
      await title(b, 'needs of b, shown further up');
      b.press('j', 'enter');
      await title(b, 'y');
      b.press('backspace', 'escape');
      await at(b, 'b');
      await focus(b, 'jobs');
    },
  ],
  needRows: [
    LZ4,
    async ({ b, key }) => {
      b.press('j', 'j', 'j');
      await at(b, 'lz4');
      b.press(key);
      await b.shows('a row for the need', () => b.list('jobs').includes('      ↑ liblz4.a'));
      await at(b, 'lz4');
      b.press('j');
      await at(b, '↑ liblz4.a');
      b.press(key);
      await b.shows('no such row', () => !b.list('jobs').includes('      ↑ liblz4.a'));
      await at(b, 'lz4');
    },
  ],
  critical: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await b.shows(
        'marks',
        () =>
          b
            .list('jobs')
            .filter((row) => row.includes('◆'))
            .map(nameOf)
            .join() === `${MAKE},lauxlib.o`,
      );
      await b.sees(/critical path: 0\.98s of 1\.78s, marked ◆/);
      b.press(key);
      await b.shows('no marks', () => !b.list('jobs').join().includes('◆'));
    },
  ],
  block: [
    LUA,
    async ({ b, key, it }) => {
      const own = b.log();
      b.press(key);
      await title(b, 'loslib.o and below');
      const { stdout } = await it.run([LOGLIN, 'show', '--store', 'lua', 'loslib.o']);
      const block = shown(stdout).join('\n');
      await b.shows('what show prints', () => b.log().join('\n') === block);
      b.press(key);
      await b.shows('its own log', () => b.log().join('\n') === own.join('\n'));
    },
  ],
  wrap: [
    LUA,
    async ({ b, key, it }) => {
      const cut = b.log();
      b.press(key);
      const { stdout } = await it.run([LOGLIN, 'show', '--raw', '--store', 'lua', 'loslib.o']);
      const [command = ''] = stdout.split('\n');
      const words = command.replaceAll(/ +/g, ' ');
      await b.shows('the whole command', () => b.log().join(' ').replaceAll(/ +/g, ' ').startsWith(words));
      b.press(key);
      await b.shows('cut lines', () => b.log().join('\n') === cut.join('\n'));
    },
  ],
  numbers: [
    LUA,
    async ({ b, key }) => {
      const plain = b.log();
      b.press(key);
      await b.shows('numbers', () => numbers(b).join() === plain.map((_, i) => i + 1).join());
      b.press(key);
      await b.shows('no numbers', () => b.log().join('\n') === plain.join('\n'));
    },
  ],
  times: [
    LUA,
    async ({ b, key }) => {
      const plain = b.log();
      b.press(key);
      const seconds = (): number[] => b.log().map((row) => Number(/^ +(\d+\.\d\d)s /.exec(row)?.[1]));
      await b.shows('times', () => !seconds().some((time) => Number.isNaN(time)));
      assert.equal(new Set(seconds()).size, 2, 'the command was there before what it says');
      assert.deepEqual(
        seconds(),
        seconds().toSorted((x, y) => x - y),
      );
      b.press(key);
      await b.shows('no times', () => b.log().join('\n') === plain.join('\n'));
    },
  ],
  follow: [
    undefined,
    (scene) =>
      live(scene, async (go) => {
        const { b, key } = scene;
        // The dashboard follows a job by itself, and goes on with its log after a key.
        b.press('g');
        await line(b, 'says one');
        b.press(key);
        await b.sees(/stays here/);
        go('1');
        await b.shows('what is new', () => b.log().includes('more'));
        await line(b, 'says one');
        b.press(key);
        await b.sees(/follows the end/);
        await line(b, 'more');
        go('2');
        await line(b, 'last');
      }),
  ],
  diff: [
    LUA,
    async ({ b, key }) => {
      b.press('j', 'j');
      await title(b, 'lstrlib.o');
      b.press(key);
      await title(b, 'diff lstrlib.o');
      const text = b.log();
      assert.deepEqual(text[0], 'status: exit 1 → ok');
      assert.ok(text[1]!.startsWith(`new:  ${UNUSED}`), text[1]);
      assert.ok(text[2]!.startsWith(`gone: ${EXPECTED}`), text[2]);
      assert.ok(text.includes('-  132 |   lua_pushlstring(L, s + i, l - i)'));
    },
  ],
  why: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await title(b, 'why loslib.o');
      assert.deepEqual(b.log(), ['loslib.o (exit 1)', '← loslib.c changed', '← lauxlib.h changed']);
    },
  ],
  problems: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await title(b, 'Problems');
      const found = b.log();
      for (const [i, text] of [TOO_FEW, SIGNED, UNUSED].entries())
        assert.ok(found[i]!.startsWith(text), found[i]);
      assert.equal(found.length, 3);
    },
  ],
  olderRun: [
    LUA,
    async ({ b, key }) => {
      for (const [build, count] of [
        [BUILDS[1], '14  2 failed'],
        [BUILDS[0], '37'],
      ] as const) {
        b.press(key);
        await b.sees(new RegExp(` build ${build} *$`, 'm'));
        await b.shows(count, () => b.title('jobs').endsWith(count));
        await at(b, 'loslib.o');
      }
      b.press(key);
      await b.sees(/it did not run in any older build/);
    },
  ],
  newerRun: [
    `--store lua -b ${BUILDS[0]}`,
    async ({ b, key }) => {
      b.press('/', ...typed('los'), 'enter');
      await b.shows('one job', () => names(b).join() === 'loslib.o');
      b.press('escape');
      await rows(b, 8);
      for (const [build, count] of [
        [BUILDS[1], '14  2 failed'],
        [BUILDS[2], '14  1 failed'],
      ] as const) {
        b.press(key);
        await b.sees(new RegExp(` build ${build} *$`, 'm'));
        await b.shows(count, () => b.title('jobs').endsWith(count));
        await at(b, 'loslib.o');
      }
      b.press(key);
      await b.sees(/it did not run in any newer build/);
    },
  ],
  copy: [
    LUA,
    async ({ b, key }) => {
      const copies = async (text: string): Promise<void> => {
        b.press(key);
        await b.shows(`${text} in the clipboard`, () => b.terminal.clipboard() === text);
      };
      b.terminal.allowClipboard();
      await copies('loslib.o');
      b.press('3');
      await line(b, TOO_FEW);
      await copies(`${TOO_FEW} to function ‘lua_pushlstring’`);
      b.press('1');
      await copies(BUILDS[2]);
    },
  ],
  pager: [
    LUA,
    async ({ b, key, it }) => {
      b.press(key);
      await it.file('paged');
      await title(b, 'loslib.o');
      const { stdout } = await it.run([LOGLIN, 'show', '--raw', '--store', 'lua', 'loslib.o']);
      assert.equal(it.read('paged'), stdout);
    },
  ],
  page: [
    LUA,
    async ({ b, key, it }) => {
      b.press(key);
      await b.sees(/no page is served; in another terminal: loglin serve/);
      const served = it.start([LOGLIN, 'serve', '--store', 'lua'], {
        env: { XDG_STATE_HOME: it.path('state') },
      });
      await new Promise((resolve) => served.child.stdout?.once('data', resolve));
      await until('it is announced', () => it.has('state/loglin/serve'));
      b.press(key);
      const url = await it.line('visited');
      assert.match(url, new RegExp(`^http://127\\.0\\.0\\.1:\\d+/\\?token=[^#]+#b/${BUILDS[2]}$`));
      assert.equal((await fetch(url, { redirect: 'manual' })).status, 303);
      served.child.kill('SIGINT');
      await served.ended;
    },
  ],
  edit: [
    LUA,
    async ({ b, key, it }) => {
      const edits = async (...args: readonly string[]): Promise<void> => {
        b.press(key);
        await it.file('edited');
        assert.equal(it.read('edited'), args.map((arg) => `${arg}\n`).join(''));
        fs.rmSync(it.path('edited'));
        await b.shows('the browser', () => b.focus() === 'log');
      };
      b.press('3', 'g');
      await line(b, GCC.slice(0, 9));
      await edits('+195', 'loslib.c');
      b.press('j', 'j');
      await line(b, TOO_FEW);
      await edits('+195', 'loslib.c');
      b.press('p');
      await title(b, 'Problems');
      b.press('j');
      await line(b, SIGNED);
      await edits('+130', 'lstrlib.c');
    },
  ],
  save: [
    LUA,
    async ({ b, key, it }) => {
      b.press(key);
      await b.sees(/^ write to: loslib\.o\.log *$/m);
      b.press('enter');
      await b.sees(/ loslib\.o\.log: \d+ bytes written *$/m);
      const { stdout } = await it.run([LOGLIN, 'show', '--raw', '--store', 'lua', 'loslib.o']);
      assert.equal(it.read('loslib.o.log'), stdout);
    },
  ],
  mouse: [
    LUA,
    async ({ b, key }) => {
      const modes = (): string => b.terminal.ask('#{mouse_standard_flag} #{mouse_sgr_flag}');
      const send = (button: number, row: number, column = 10): void => {
        b.terminal.press(`\x1b[<${button};${column};${row}M`);
        if (button < 64) b.terminal.press(`\x1b[<${button};${column};${row}m`);
      };
      assert.equal(modes(), '0 0');
      b.press(key);
      await b.shows('the mouse on', () => modes() === '1 1');
      send(0, 5);
      await at(b, 'lauxlib.o');
      await title(b, 'lauxlib.o');
      send(65, 5);
      await b.shows('the rows below', () => names(b)[0] === 'lbaselib.o');
      await at(b, 'lbaselib.o');
      send(64, 5);
      await b.shows('the rows above', () => names(b)[0] === MAKE);
      await at(b, 'lbaselib.o');
      send(0, 3, 1);
      await rows(b, 1);
      send(0, 3, 1);
      await rows(b, 8);
      // It is folded and unfolded, and a key counts, where all comes at once.
      b.terminal.press('\x1b[<0;1;3M\x1b[<0;1;3m\x1b[<0;1;3M\x1b[<0;1;3mj');
      await at(b, 'ltests.o');
      await rows(b, 8);
      b.press('k');
      send(0, 10);
      await title(b, 'loslib.o');
      await focus(b, 'jobs');
      send(64, 15);
      await focus(b, 'jobs');
      send(0, 10);
      await focus(b, 'log');
      send(0, 13);
      await focus(b, 'log');
      await line(b, b.log()[1]!);
      b.press(key);
      await b.shows('the mouse off', () => modes() === '0 0');
    },
  ],
  redraw: [
    LUA,
    async ({ b, key }) => {
      await b.sees(/1 error 2 warnings/);
      const before = b.terminal.text();
      fs.writeFileSync(b.terminal.ask('#{pane_tty}'), '\x1b[5;5Hsomebody else\x1b[15;1Hwrites here');
      await b.sees(/somebody else[^]*writes here/);
      b.press(key);
      await b.shows('what it was', () => b.terminal.text() === before);
    },
  ],
  suspend: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await b.sees(/Stopped/);
      assert.equal(await b.terminal.status(), '147');
      b.terminal.type('fg');
      await title(b, 'loslib.o');
      b.press('j');
      await at(b, 'ltablib.o');
    },
  ],
  help: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      await b.sees(/^ Keys {2}1-\d+ of \d+/m);
      assert.match(b.terminal.text(), /^ j ↓ +one line down *$/m);
      b.press('G');
      await b.sees(/^ \? +this help *$/m);
      b.press('x');
      await title(b, 'loslib.o');
    },
  ],
  quit: [
    LUA,
    async ({ b, key }) => {
      b.press(key);
      assert.equal(await b.ended(), '0');
      assert.match(b.terminal.text(), /^before *\n\$ *$/m);
    },
  ],
};

/** A text as a pane of 80 columns shows it. */
function shown(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((row) => (row.length > 78 ? `${row.slice(0, 77)}›` : row.trimEnd()));
}

/** A folder with recorded stores, and a terminal in it. */
async function stage(t: TestContext): Promise<{ readonly b: Browser; readonly it: Tree }> {
  const it = tree(t, {
    'loslib.c': '',
    'lstrlib.c': '',
    // The files that they write appear at once and whole.
    editor: '#!/bin/sh\nprintf "%s\\n" "$@" >editing && mv editing edited\n',
    pager: '#!/bin/sh\ncat >paging && mv paging paged\n',
    visitor: '#!/bin/sh\nprintf "%s\\n" "$1" >visiting && mv visiting visited\n',
  });
  for (const sample of ['lua', 'lz4']) copySample(it, sample, sample);
  const env = {
    EDITOR: './editor',
    VISUAL: '',
    PAGER: './pager',
    BROWSER: './visitor',
    XDG_STATE_HOME: it.path('state'),
  };
  return { it, b: new Browser(await screen(t, it, 80, 24, env)) };
}

test('each key of the browser does what its help says', async (t) => {
  if (!needs(t, 'tmux', 'make')) return;
  let on = await stage(t);
  for (const { keys, action, help } of KEYS.flatMap((group) => group.keys))
    for (const key of keys)
      await t.test(`${keyName(key)}: ${help}`, async () => {
        const [args, run] = TRIALS[action];
        const { b } = on;
        try {
          if (args !== undefined) await b.start(args);
          await run({ ...on, key });
          if (b.running) await b.quit();
        } catch (error) {
          on = await stage(t);
          throw error;
        }
      });
});
