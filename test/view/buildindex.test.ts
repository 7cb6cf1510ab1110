// The index of a build: what commands print is the same with it, without it, and whatever has become of it;
// and it saves reading the record.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordedBuild } from '../bench/projects.ts';
import { readIndex, writeIndex } from '../../src/store/buildindex.ts';
import { listBuilds } from '../../src/store/builds.ts';
import { buildFolder, graphFile, indexFile, journalFile, logsFolder } from '../../src/store/layout.ts';
import { openBuild } from '../../src/store/reader.ts';
import { openNamed } from '../../src/view/viewedbuild.ts';
import { LINES } from '../rig/damages.ts';
import { run } from '../rig/inprocess.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const SAMPLES = path.join(import.meta.dirname, '../../sample-logs');
/** A store, and a target in it. */
const STORES = [
  ['lua', 'lua'],
  ['lz4', 'tests/fuzzer'],
  ['zlib', 'teststatic'],
  ['versions/1', 'all'],
  ['versions/2', 'all'],
] as const;
/** Files that were just written get no index (buildindex.ts). */
const NO_LONGER_YOUNG = 100;

const boxes: Sandbox[] = [];
after(() => {
  for (const box of boxes) box.remove();
});

/** A copy of a store, and what the lines of LINES are run on. */
async function copyOf(sample: string): Promise<{ box: Sandbox; store: string }> {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('store');
  fs.cpSync(path.join(SAMPLES, sample), store, { recursive: true });
  await sleep(NO_LONGER_YOUNG);
  return { box, store };
}

/** Makes an index of each build, however small. */
function indexAll(store: string): void {
  for (const id of listBuilds(store)) {
    openNamed(store, id, 0).recorded.logs.close();
    assert.ok(readIndex(buildFolder(store, id)), `${id} has an index that fits`);
  }
}

/** What all command lines print. gc counts the index too. */
async function printed(box: Sandbox, store: string, target: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const line of LINES) {
    const [name = ''] = line;
    if (name === 'gc' || name === 'export') continue;
    const words = line.map((word) => word.replace('TARGET', target).replace('FILE', box.path('file')));
    const [command = '', ...rest] = words;
    const { status, stdout, stderr, bug } = await run(
      [command, '--store', store, ...rest],
      [box.path(''), SAMPLES],
    );
    assert.equal(bug, undefined, words.join(' '));
    texts.set(line.join(' '), `${status}\n${stdout}\n${stderr}`);
  }
  return texts;
}

function removeIndexes(store: string): void {
  for (const id of listBuilds(store))
    fs.rmSync(indexFile(buildFolder(store, id)), { recursive: true, force: true });
}

/** What may have become of an index. */
const FATES: readonly (readonly [string, (file: string, random: Random) => void])[] = Object.entries({
  'a bit is another one': (file: string, random: Random) => {
    const bytes = fs.readFileSync(file);
    const at = random.below(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.below(8));
    fs.writeFileSync(file, bytes);
  },
  'it is cut short': (file: string, random: Random) => {
    fs.truncateSync(file, random.below(fs.statSync(file).size));
  },
  'it is empty': (file: string) => {
    fs.truncateSync(file, 0);
  },
  'it is longer': (file: string) => {
    fs.appendFileSync(file, 'more');
  },
  'it is a folder': (file: string) => {
    fs.rmSync(file);
    fs.mkdirSync(file);
  },
  'it is a link': (file: string) => {
    fs.renameSync(file, `${file}.elsewhere`);
    fs.symlinkSync(`${file}.elsewhere`, file);
  },
});

for (const [sample, target] of STORES)
  void describe(`sample-logs/${sample}`, () => {
    void test('prints the same with an index, without one, and with a damaged one', async () => {
      const { box, store } = await copyOf(sample);
      const without = await printed(box, store, target);
      indexAll(store);
      assert.deepEqual(await printed(box, store, target), without);
      const random = new Random(7);
      // Each build has another fate, and another one in each round.
      for (let round = 0; round < 2; round++) {
        indexAll(store);
        for (const [i, id] of listBuilds(store).entries()) {
          const [fate, befall] =
            FATES[(STORES.findIndex(([name]) => name === sample) + 3 * round + i) % FATES.length]!;
          befall(indexFile(buildFolder(store, id)), random);
          assert.equal(readIndex(buildFolder(store, id)), undefined, fate);
        }
        assert.deepEqual(await printed(box, store, target), without);
        removeIndexes(store);
      }
    });

    void test('an index that no longer fits is not used', async () => {
      const { store } = await copyOf(sample);
      for (const id of listBuilds(store)) {
        const folder = buildFolder(store, id);
        for (const file of [journalFile(folder), graphFile(folder)]) {
          indexAll(store);
          const bytes = fs.readFileSync(file);
          const { atime, mtime } = fs.statSync(file);
          // The same size, and the same time, as a copy may give it.
          fs.writeFileSync(file, bytes);
          fs.utimesSync(file, atime, mtime);
          assert.equal(readIndex(folder), undefined);
          await sleep(NO_LONGER_YOUNG);
        }
      }
    });
  });

void test('a build is the same out of its index', async () => {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('store');
  const story = new Story('make').say('make', 'entering ü\n').make('make', ['all']);
  story
    .start('gen.h', { make: 'make' })
    .step('gen.h', './gen -o "ü"')
    .say('gen.h', 'generating\n')
    .end('gen.h');
  story.start('a.o', { make: 'make', needs: 'gen.h | x y' }).step('a.o', 'cc -c a.c', true);
  story.event({ e: 'why', t: 9.5, j: 2, why: 'older', newer: ['gen.h', 'b'], command: true } as never);
  story.step('a.o', 'true').say('a.o', 'warning: ü\n').end('a.o', { exit: 4_294_967_295 }, true);
  story
    .start('sub', { make: 'make', needs: 'gen.h | a.o', to: 'pipe', kept: true })
    .make('sub', ['x'], 'submake');
  story.start('sub/x', { make: 'submake', target: 'x' }).say('sub/x', 'X\n').need('sub/x', 'other');
  story
    .link('sub/x', 'gen.h')
    .start('test', { parent: 'sub/x' })
    .say('test', 'tests')
    .end('test', { signal: 11 });
  story.end('sub/x').makeEnds('submake').say('sub', 'done\n').end('sub', { exit: 2 });
  story
    .graph('make', { all: 'a.o sub', 'a.o': 'gen.h', sub: 'gen.h', 'gen.h': '' })
    .graph('submake', { x: '' });
  story.makeEnds('make').event({ e: 'note', t: 1, text: 'a note', unsplit: true }).end('make', { exit: 2 });
  const folder = storeBuild(store, story);
  await sleep(NO_LONGER_YOUNG);
  const parsed = openBuild(store, path.basename(folder));
  openNamed(store, path.basename(folder), 0);
  const indexed = readIndex(folder);
  assert.ok(indexed);
  assert.deepEqual(plain(indexed.build, parsed.build), plain(parsed.build, parsed.build));
});

void test('an index without a journal, which no time shows to be made here, is not used', async () => {
  const { store } = await copyOf('lua');
  const [id = ''] = listBuilds(store);
  const { unindexed } = openBuild(store, id);
  assert.ok(unindexed);
  const { folder } = unindexed;
  fs.rmSync(journalFile(folder));
  fs.rmSync(graphFile(folder), { force: true });
  writeIndex({ ...unindexed, stamps: [null, null] }, undefined);
  assert.ok(fs.existsSync(indexFile(folder)));
  assert.equal(readIndex(folder), undefined);
});

type Recorded = ReturnType<typeof openBuild>['build'];

/**
 * A build without getters and cycles.
 * @param like the same build as it was parsed: it has all fields that there are.
 */
function plain(build: Recorded, like: Recorded): unknown {
  const { started, ended, notes, unsplit, time, changeCount } = build;
  const idOf = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  const fields = (object: object, keys: object): [string, unknown][] =>
    Object.keys(keys).map((key) => [key, (object as Record<string, unknown>)[key]]);
  const flat = (object: object, keys: object): object =>
    Object.fromEntries(
      fields(object, keys).map(([key, value]) => [key, Array.isArray(value) ? value.map(idOf) : idOf(value)]),
    );
  return {
    ...{ started, ended, notes, unsplit, time, changeCount },
    jobs: build.jobs.map((job) => ({
      ...flat(job, like.jobs[0]!),
      links: job.links.map((link) => flat(link, link)),
    })),
    instances: build.instances.map((instance) => ({
      ...flat(instance, like.instances[0]!),
      graph: instance.graph && [...instance.graph.values()],
    })),
  };
}

// -- what is read ------------------------------------------------------------------------------------------

interface Reads {
  /** How often each file was opened. */
  readonly opened: Map<string, number>;
  bytes: number;
}

/** Runs a command. @returns what it read below a folder. */
async function reads(box: Sandbox, folder: string, args: readonly string[]): Promise<Reads> {
  const found: Reads = { opened: new Map(), bytes: 0 };
  const inside = new Set<number>();
  const { openSync, readSync } = fs;
  const counted = fs as { openSync: typeof openSync; readSync: (...args: unknown[]) => number };
  counted.openSync = (file, ...rest) => {
    const fd = openSync(file, ...rest);
    const name = path.relative(folder, String(file));
    if (name.startsWith('..')) inside.delete(fd);
    else {
      inside.add(fd);
      const what = name.startsWith('logs/') ? 'logs' : name;
      found.opened.set(what, (found.opened.get(what) ?? 0) + 1);
    }
    return fd;
  };
  counted.readSync = (...given) => {
    const n = (readSync as (...args: unknown[]) => number)(...given);
    if (inside.has(given[0] as number)) found.bytes += n;
    return n;
  };
  try {
    const { status, bug } = await run(args, [box.path('')]);
    assert.deepEqual({ status, bug }, { status: 0, bug: undefined });
  } finally {
    Object.assign(fs, { openSync, readSync });
  }
  return found;
}

void test('with an index, no command reads more of a record than it, and of the logs each once', async () => {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('store');
  const jobs = 1000;
  const folder = path.dirname(recordedBuild(store, jobs, { each: 300, last: 5000 }));
  const logged = fs
    .readdirSync(logsFolder(folder))
    .reduce((sum, name) => sum + fs.statSync(path.join(logsFolder(folder), name)).size, 0);
  await sleep(NO_LONGER_YOUNG);
  const { bytes: first } = await reads(box, folder, ['jobs', '--store', store]);
  const record = fs.statSync(journalFile(folder)).size + fs.statSync(graphFile(folder)).size;
  assert.ok(first >= record, 'the first look reads the record');
  const index = fs.statSync(indexFile(folder)).size;
  // 10 needs, a command of 5 words and a name each.
  assert.ok(index <= 220 * jobs, `an index of ${index} bytes, of a record of ${record}`);
  // The first and last line of the journal say which build it is.
  const ends = 3 * 4096;
  for (const line of [['jobs'], ['jobs', '--json'], ['why', 'out/500.o'], ['why', '--tree'], ['time']]) {
    const { opened, bytes } = await reads(box, folder, [line[0]!, '--store', store, ...line.slice(1)]);
    assert.ok(bytes <= index + ends, `${line.join(' ')}: ${bytes} bytes read, the index has ${index}`);
    assert.deepEqual(
      [opened.get('index'), opened.get('graph.ndjson'), opened.get('logs')],
      [1, undefined, undefined],
      line.join(' '),
    );
  }
  for (const line of [['show'], ['show', '--json'], ['problems'], ['grep', 'needle']]) {
    const { opened, bytes } = await reads(box, folder, [line[0]!, '--store', store, ...line.slice(1)]);
    assert.ok(bytes <= index + logged + ends, `${line.join(' ')}: ${bytes} bytes read, there are ${logged}`);
    assert.deepEqual([opened.get('index'), opened.get('logs')], [1, jobs], line.join(' '));
    assert.ok((opened.get('journal.ndjson') ?? 0) <= 1);
  }
});
