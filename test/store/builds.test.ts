// Which build -b selects, and how a listing describes it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { Failure } from '../../src/model/failure.ts';
import { chooseBuild, listBuilds, shortIds, summarise } from '../../src/store/builds.ts';
import { GraphHistory } from '../../src/store/graphhistory.ts';
import { journalFile, newBuildId } from '../../src/store/layout.ts';
import { graphOf } from '../rig/story.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { type StoreOptions, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const boxes: Sandbox[] = [];
after(() => {
  for (const box of boxes) box.remove();
});

function aStore(builds: Readonly<Record<string, Omit<StoreOptions, 'id'>>>): string {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('store');
  for (const [id, options] of Object.entries(builds))
    storeBuild(store, new Story('make').end('make'), { id, ...options });
  return store;
}

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';
const C = '20260103-000000000-cccc';
const D = '20260104-000000000-dddd';

test('without -b the last build is selected, except builds inside others', () => {
  const store = aStore({ [B]: {}, [A]: {}, [C]: { first: { inside: true } } });
  assert.deepEqual(listBuilds(store), [A, B, C]);
  assert.equal(chooseBuild(store), B);
  assert.equal(chooseBuild(store, C), C);
});

test('-b -1 is the build before the last, -2 the one before that; too far back is a Failure with status 1', () => {
  const store = aStore({ [A]: {}, [B]: { first: { inside: true } }, [C]: {}, [D]: {} });
  assert.deepEqual(
    ['-0', '-1', '-2'].map((wanted) => chooseBuild(store, wanted)),
    [D, C, A],
  );
  assert.throws(() => chooseBuild(store, '-3'), new Failure('build -3: there are not so many', 1));
});

test('-b @failed is the last build that failed by its exit or a signal, not one without an end', () => {
  const store = aStore({
    [A]: { close: { status: { exit: 2 } } },
    [B]: { close: { status: { signal: 11 } } },
    [C]: {},
    [D]: { close: false },
  });
  assert.equal(chooseBuild(store, '@failed'), B);
  assert.throws(() => chooseBuild(aStore({ [A]: {} }), '@failed'), new Failure('no build failed', 1));
});

test('-b takes an id or a unique prefix; an ambiguous prefix lists the ids, an unknown one names ls', () => {
  const store = aStore({ [A]: {}, [B]: {}, [`${B}2`]: {} });
  assert.equal(chooseBuild(store, '20260101'), A);
  assert.equal(chooseBuild(store, B), B, 'an id is meant though another one starts so');
  assert.throws(
    () => chooseBuild(store, '20260102'),
    new Failure(`build 20260102: ${B}, ${B}2; give more of the id`, 1),
  );
  assert.throws(
    () => chooseBuild(store, 'zzz'),
    new Failure(`build zzz: not in ${store}/builds; \`loglin ls\` lists the builds`, 1),
  );
});

test('-b takes the end of an id, and short ids are the shortest that it takes', () => {
  const store = aStore({
    [A]: {},
    [B]: {},
    '20260103-000000001-bbbb': {},
    '20260104-000000000-2026': {},
    odd: {},
  });
  const ids = listBuilds(store);
  const short = shortIds(ids);
  assert.deepEqual(
    ids.map((id) => short.get(id)),
    ['aaaa', '0-bbbb', '1-bbbb', '0-2026', 'odd'],
    'neither 2026, with which the others begin, nor -bbbb, which looks like an option',
  );
  for (const [id, word] of short) assert.equal(chooseBuild(store, word), id);
  assert.throws(() => chooseBuild(store, 'bbbb'), /^Failure: build bbbb: .*; give more of the id$/);
  assert.throws(() => chooseBuild(store, 'aaa'), /not in/, 'three characters are no end');
  assert.equal(chooseBuild(store, '@last'), 'odd');
});

test('an unknown build is told with what was probably meant, and no more than three ids', () => {
  const ids = ['01', '02', '03', '04', '05'].map((day) => `202601${day}-000000000-aa${day}`);
  const store = aStore(Object.fromEntries(ids.map((id) => [id, {}])));
  const said = (word: string): string => {
    try {
      return chooseBuild(store, word);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const unknown = (word: string): string =>
    `build ${word}: not in ${store}/builds; \`loglin ls\` lists the builds`;
  assert.equal(said('last'), `${unknown('last')}; did you mean @last?`);
  assert.equal(said('failed'), `${unknown('failed')}; did you mean @failed?`);
  assert.equal(said('3'), `${unknown('3')}; an earlier build is -b -3`);
  assert.equal(said('odd'), unknown('odd'));
  assert.equal(
    said('2'),
    `build 2: 2 more, ${ids.slice(2).join(', ')}; give more of the id; an earlier build is -b -2`,
  );
});

test('a store without builds, or no store, is a Failure with status 1 that explains how to record one', () => {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('none');
  assert.deepEqual(listBuilds(store), []);
  assert.throws(() => chooseBuild(store), new Failure(`no builds in ${store}; record one: loglin make`, 1));
});

test('a store that is not a folder is a Failure that names it', () => {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('file');
  box.write('file/builds', 'a file');
  assert.throws(() => listBuilds(store), new Failure(`${store}/builds: not a directory`));
});

test('files beside the builds and hidden folders are not builds', () => {
  const store = aStore({ [A]: {} });
  fs.writeFileSync(`${store}/builds/zzz.tar.gz`, '');
  fs.mkdirSync(`${store}/builds/.tmp`);
  assert.equal(chooseBuild(store), A);
});

test('a listing reads a build of a very long command', () => {
  const argv = ['sh', '-c', `: ${'x'.repeat(500_000)}`];
  const store = aStore({ [A]: { first: { argv, inside: true } } });
  const { started, ended, state } = summarise(store, A);
  assert.deepEqual(started?.argv, argv);
  assert.equal(ended?.jobs, 0);
  assert.equal(state, 'finished');
});

test('a listing distinguishes running, interrupted and damaged builds', () => {
  const store = aStore({
    [A]: { close: false },
    [B]: { close: false, first: { ticks: undefined } },
    [C]: {},
    [D]: {},
  });
  assert.equal(summarise(store, A).state, 'interrupted', 'the process of that number is another one');
  assert.equal(summarise(store, B).state, 'running', 'this process, as far as one can tell');
  fs.writeFileSync(journalFile(`${store}/builds/${C}`), 'damaged\n');
  assert.equal(summarise(store, C).started, undefined);
  fs.rmSync(journalFile(`${store}/builds/${D}`));
  assert.deepEqual(summarise(store, D), {
    id: D,
    started: undefined,
    ended: undefined,
    state: 'interrupted',
  });
});

test('build ids sort by start time', () => {
  const ids = [0, 1, 999, 1000, 60_000, 86_400_000].map((ms) =>
    newBuildId(new Date(Date.UTC(2026, 1, 3) + ms), 'ffff'),
  );
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(ids[1], '20260203-000000001-ffff');
});

test('the graph of an earlier build is found by tool, folder and arguments, with any -j', () => {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('store');
  const write = (id: string, cwd: string, argv: string[], need: string): void => {
    const story = new Story('make').make('make', ['all']);
    const [instance] = story.build.instances;
    Object.assign(instance!, { cwd, argv, graph: graphOf({ all: need }) });
    storeBuild(store, story, { id });
  };
  write(A, '', ['make', '-j4', 'all'], 'old');
  write(B, '', ['make', '-j', '8', 'all'], 'new');
  write(C, 'sub', ['make'], 'sub');
  write(D, '', ['make', 'other'], 'other');
  const find = (cwd: string, ...argv: string[]): readonly string[] | undefined => {
    const story = new Story('make').make('make');
    Object.assign(story.build.instances[0]!, { cwd, argv });
    return new GraphHistory(store, '20270101').find(story.build.instances[0]!)?.graph.get('all')?.needs;
  };
  assert.deepEqual(find('', 'make', '-j16', 'all'), ['new']);
  assert.deepEqual(find('sub', 'make', '-j1'), ['sub']);
  assert.deepEqual(find('', 'make', 'unseen'), ['other'], 'the last one of that folder');
  assert.equal(find('elsewhere', 'make'), undefined);
});
