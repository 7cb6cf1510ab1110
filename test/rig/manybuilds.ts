// A small store that has an example of everything that a store can hold: makes, scripts, cycles of links,
// needs of earlier builds, problems of several tools, commands, a build inside another one, one that was
// interrupted; the history, sizes, a configuration.

import fs from 'node:fs';
import path from 'node:path';
import type { BuildEvent } from '../../src/model/events.ts';
import { History } from '../../src/store/history.ts';
import { buildFolder, buildsFolder } from '../../src/store/layout.ts';
import { buildSize } from '../../src/store/sizes.ts';
import { storeBuild } from './stored.ts';
import { Story } from './story.ts';

/** The oldest first. Commands use the last one by default. */
export const IDS = [
  '20260101-000000000-aaaa',
  '20260102-000000000-bbbb',
  '20260103-000000000-cccc',
  '20260104-000000000-dddd',
  '20260105-000000000-eeee',
] as const;
export const LAST = IDS[4];

/** The start of each log, which identifies its build and job. */
export const mark = (id: string, job: number): string => `<<log ${job} of ${id.slice(-4)}>>`;

/** Names of targets in the last build. */
export const TARGETS = [
  'src/a.o',
  'prog',
  'test',
  'b.o',
  'lib/x.o',
  'gen.h',
  'docs',
  '*.o',
  'src/*',
  'nothing',
];

const GCC = `src/a.c: In function 'main':
src/a.c:3:7: warning: unused variable 'x' [-Wunused-variable]
    3 |   int x;
      |       ^
src/a.c:9:1: error: expected ';' before '}' token
`;
const TSC = "web/app.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.\n";
const PYTHON =
  'Traceback (most recent call last):\n  File "gen.py", line 3, in <module>\n    boom()\nValueError: no\n';

function full(id: string, again: boolean): Story {
  const story = new Story('make -j4');
  const t = 7;
  const say = (job: string, text: string): void => {
    const j = story.id(job);
    story.say(job, story.logs.of(j).length === 0 ? `${mark(id, j)}\n${text}` : text);
  };
  const extra = (event: object): void => {
    story.event(event as BuildEvent);
  };
  say('make -j4', 'make: Entering directory\n');
  story.make('make -j4', ['all', 'docs']);
  story.start('gen.h', { make: 'make -j4', needs: 'gen.py' });
  story.step('gen.h', 'python gen.py');
  say('gen.h', again ? 'generating 17 things in 0x7ffe1234\n' : `generating\n${PYTHON}`);
  extra({
    e: 'stepend',
    t,
    j: story.id('gen.h'),
    s: 0,
    status: { exit: 0 },
    user: 1200,
    sys: 300,
    rss: 20_000,
  });
  extra({ e: 'why', t, j: story.id('gen.h'), newer: ['gen.py'], command: true });
  story.end('gen.h');
  story.start('src/a.o', { make: 'make -j4', needs: 'src/a.c gen.h | dir with space/x' });
  story.step('src/a.o', 'cc -c src/a.c', true);
  say('src/a.o', `\x1b[1;31m${GCC}\x1b[0m progress 1%\rprogress 50%\rdone\n`);
  story.step('src/a.o', 'strip src/a.o').end('src/a.o', { exit: again ? 1 : 0 });
  extra({ e: 'why', t, j: story.id('src/a.o'), why: 'gen.h is newer', missing: true });
  story.start('b.o', { make: 'make -j4', needs: 'gen.h' });
  say('b.o', 'compiling b with 漢字 and 👩‍👩‍👧\n\xff\xfe no newline');
  story.end('b.o', { exit: 1 }, true);
  story.start('lib', { make: 'make -j4', needs: 'gen.h' }).make('lib', ['x.o', 'y.o'], 'submake');
  story.start('lib/x.o', { make: 'submake', target: 'x.o', needs: 'gen.h' });
  say('lib/x.o', `${TSC}half a line`);
  story.start('test', { parent: 'lib/x.o' });
  say('test', 'tests\n');
  story.start('docs', { parent: 'test' });
  say('docs', 'docs\n');
  // In a cycle.
  story.link('docs', 'test').link('docs', 'lib/x.o').need('docs', 'manual');
  story.end('docs', { signal: 11 }).end('test', { exit: 3 });
  say('lib/x.o', 'the other half\n');
  story.link('lib/x.o', 'gen.h').end('lib/x.o');
  story.start('x.o', { make: 'submake', target: 'y.o', aside: true, as: 'y' }).end('y');
  story.start('gen.h', { make: 'submake', target: '../gen.h', as: 'gen again' });
  say('gen again', 'again\n');
  story.end('gen again').makeEnds('submake').end('lib', { exit: 2 });
  story.start('prog', { make: 'make -j4', needs: 'src/a.o b.o lib' });
  say('prog', "/usr/bin/ld: a.o: undefined reference to `f'\ncollect2: error: ld returned 1 exit status\n");
  story.end('prog', { exit: 1 });
  story.graph(
    'make -j4',
    {
      all: 'prog lib',
      prog: 'src/a.o b.o lib',
      'src/a.o': 'src/a.c gen.h dir with space/x',
      'b.o': 'gen.h',
      lib: 'gen.h',
      docs: 'manual docs',
      manual: 'docs',
      'gen.h': 'gen.py',
    },
    { 'gen.h': ['gen.c'] },
  );
  story.graph('submake', { 'x.o': '../gen.h', 'y.o': 'x.o', '../gen.h': '' });
  extra({ e: 'note', t, text: 'a note' });
  return story.makeEnds('make -j4').end('make -j4', { exit: 2 });
}

function script(id: string): Story {
  const story = new Story('./build.sh', 'everything');
  const say = (job: string, text: string): void => {
    const j = story.id(job);
    story.say(job, story.logs.of(j).length === 0 ? `${mark(id, j)}\n${text}` : text);
  };
  say('everything', 'A starts\n');
  story.start('J');
  say('J', 'J starts\n');
  for (const name of ['X', 'Y', 'Z']) {
    story.start(name, { parent: 'J' });
    if (name === 'X') {
      story.start('Q', { parent: 'X' });
      say('Q', 'building Q\n');
      story.end('Q');
    } else story.link(name, 'Q');
    say(name, `${name} done\n`);
    story.end(name);
  }
  say('J', 'more J\n');
  story.end('J').start('gen.h', { parent: 'J' });
  say('gen.h', 'by hand\n');
  return story.end('gen.h').need('everything', 'prog').end('everything');
}

const CONFIG = `{
  // kept
  "keep": { "builds": 20, "bytes": "1GiB", "auto": true },
  "problems": { "patterns": [
    { "tool": "mine", "regexp": "^MINE (\\\\S+):(\\\\d+): (.*)$", "file": 1, "line": 2, "message": 3, "severity": "error" },
  ] },
}
`;

/** Writes the store and has its caches created. */
export function manyBuilds(store: string): void {
  const at = (day: number): number => Date.UTC(2026, 0, day);
  const [a, b, c, d, e] = IDS;
  const failed = { status: { exit: 2 }, failed: 5 };
  storeBuild(store, full(a, false), { id: a, first: { at: at(1), root: '/nowhere/at/all' }, close: failed });
  storeBuild(store, script(b), { id: b, first: { at: at(2), revision: 'abcdef0123', coloured: true } });
  storeBuild(store, full(c, true), { id: c, first: { at: at(3) }, close: false });
  const inside = new Story('make sub').make('make sub');
  inside
    .start('inner', { make: 'make sub' })
    .say('inner', `${mark(d, 1)}\n`)
    .end('inner');
  storeBuild(store, inside.end('make sub'), { id: d, first: { at: at(4), inside: true } });
  storeBuild(store, full(e, true), {
    id: e,
    first: { at: at(5), ticks: 1 },
    close: { ...failed, late: [1] },
  });
  fs.writeFileSync(path.join(store, 'config.json'), CONFIG);
  const history = new History(store);
  history.last('gen.h', LAST);
  history.close();
  for (const id of [a, b]) buildSize(buildFolder(store, id));
  fs.writeFileSync(path.join(buildFolder(store, b), 'thinned'), '');
  fs.writeFileSync(path.join(buildFolder(store, d), 'imported'), '');
}

/** The count of each byte in the logs of a build; undefined if the build was removed. */
export function bytesIn(store: string, id: string): Uint32Array | undefined {
  const logs = path.join(buildsFolder(store), id, 'logs');
  if (!fs.existsSync(logs)) return undefined;
  return countBytes(fs.readdirSync(logs).map((name) => fs.readFileSync(path.join(logs, name))));
}

export function countBytes(pieces: readonly Buffer[]): Uint32Array {
  const counts = new Uint32Array(256);
  for (const piece of pieces) for (const byte of piece) counts[byte]!++;
  return counts;
}
