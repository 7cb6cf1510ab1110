// Damaged records: whatever happened to the files, intact parts are read, the rest is reported, and nothing
// is thrown except a Failure.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { displayNames } from '../../src/linearize/names.ts';
import { Walk } from '../../src/linearize/walk.ts';
import type { Job } from '../../src/model/build.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { Failure, isFailure } from '../../src/model/failure.ts';
import { lineEnds } from '../../src/record/logsource.ts';
import { PlainRenderer } from '../../src/render/plain.ts';
import { type RecordedBuild, openBuild } from '../../src/store/reader.ts';
import { readGraphs } from '../../src/store/graphs.ts';
import { JOURNAL } from '../../src/record/versions.ts';
import { JournalReader } from '../../src/record/journal.ts';
import { GrowingFile } from '../../src/store/growingfile.ts';
import { graphFile, journalFile, logFile } from '../../src/store/layout.ts';
import { PLAIN, Screen } from '../rig/fakebuild.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { journalText, storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const ID = '20260102-030405006-abcd';

function aBuild(): Story {
  const story = new Story('make').say('make', 'entering\n').make('make', ['all']);
  story.start('gen.h', { make: 'make' }).step('gen.h', './gen').say('gen.h', 'generating\n').end('gen.h');
  story.start('a.o', { make: 'make', needs: 'gen.h' }).step('a.o', 'cc -c a.c', true);
  story.start('sub', { make: 'make', needs: 'gen.h | a.o' }).make('sub', ['x'], 'submake');
  story.start('sub/x', { make: 'submake', target: 'x' }).say('sub/x', 'X\n').need('sub/x', 'other');
  story.say('a.o', 'warning: ü\n').end('a.o', { exit: 1 }, true).link('sub/x', 'gen.h');
  story.start('test', { parent: 'sub/x' }).say('test', 'tests').end('test', { signal: 11 });
  story.end('sub/x').makeEnds('submake').say('sub', 'done\n').end('sub', { exit: 2 });
  story
    .graph('make', { all: 'a.o sub', 'a.o': 'gen.h', sub: 'gen.h', 'gen.h': '' })
    .graph('submake', { x: '' });
  return story.makeEnds('make').event({ e: 'note', t: 1, text: 'a note' }).end('make', { exit: 2 });
}

const boxes: Sandbox[] = [];
after(() => {
  for (const box of boxes) box.remove();
});

function aStore(
  story = aBuild(),
  options: Parameters<typeof storeBuild>[2] = {},
): { store: string; folder: string } {
  const box = new Sandbox();
  boxes.push(box);
  const store = box.path('store');
  return { store, folder: storeBuild(store, story, options) };
}

/** Opens a build and prints all of it. `shown`: how many bytes of each log, in their order, each once. */
function show(store: string): { recorded: RecordedBuild; text: string; shown: ReadonlyMap<number, number> } {
  const recorded = openBuild(store, ID);
  const { build, logs } = recorded;
  const ends = lineEnds(logs, false);
  const print = (order: 'needs' | 'launch'): Screen => {
    const nameOf = displayNames(build, order, ends);
    const walk = new Walk(build, [{ job: build.jobs[0]! }], { order, commands: true, links: true }, ends);
    const screen = new Screen(walk, logs, new PlainRenderer({ ...PLAIN, nameOf })).play();
    assert.equal(screen.state, 'done');
    return screen;
  };
  try {
    print('launch');
    const { text, segments } = print('needs');
    const shown = new Map<number, number>();
    for (const segment of segments) {
      if (segment.kind !== 'range') continue;
      assert.equal(segment.from, shown.get(segment.job.id) ?? 0);
      shown.set(segment.job.id, segment.to);
    }
    return { recorded, text, shown };
  } finally {
    logs.close();
  }
}

/** Like show; only a Failure may be thrown. */
function showOrFail(store: string): ReturnType<typeof show> | Failure {
  try {
    return show(store);
  } catch (error) {
    if (isFailure(error)) {
      assert.match(error.message, /journal\.ndjson: /);
      return error;
    }
    throw error;
  }
}

function lineOf(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

test('an intact build has no problems', () => {
  const { store } = aStore();
  const { recorded, text } = show(store);
  assert.deepEqual(recorded.problems, []);
  assert.equal(recorded.state, 'finished');
  assert.match(text, /^entering\n▸ a\.o\n {2}▸ gen\.h\n\$ \.\/gen\ngenerating\n/);
});

test('a journal cut at any byte keeps every whole record; the rest is reported, and all logs are shown', () => {
  const story = aBuild();
  const { store, folder } = aStore(story, { close: false });
  const file = journalFile(folder);
  const whole = fs.readFileSync(file);
  const starts = new Map<number, Job>();
  const firstEnd = whole.indexOf(0x0a);
  let at = 0;
  for (const event of story.events) {
    at = whole.indexOf(0x0a, at) + 1;
    if (event.e === 'start') starts.set(at - 1, story.build.jobs[event.j]!);
  }
  for (let cut = 0; cut <= whole.length; cut++) {
    fs.truncateSync(file, 0);
    fs.writeFileSync(file, whole.subarray(0, cut));
    const result = showOrFail(store);
    if (cut < firstEnd) {
      assert.ok(isFailure(result), `cut at ${cut}`);
      continue;
    }
    assert.ok(!isFailure(result), `cut at ${cut}`);
    const { recorded, text } = result;
    assert.equal(recorded.state, 'interrupted');
    // A record without its newline may be complete.
    const inside = cut > firstEnd && whole[cut - 1] !== 0x0a && whole[cut] !== 0x0a && cut < whole.length;
    assert.equal(
      recorded.problems.some((problem) => problem.includes('cut short')),
      inside,
      `cut at ${cut}`,
    );
    for (const [end, { id, name }] of starts)
      if (end <= cut) assert.equal(recorded.build.jobs[id]?.name, name);
    // The logs exist, whatever is in the journal.
    for (const job of story.build.jobs) {
      const log = story.logs.of(job.id).toString();
      for (const line of log.split('\n'))
        assert.ok(text.includes(line), `cut at ${cut}: ${job.name}: ${line}`);
    }
  }
});

/** Does something to a file. */
const DAMAGE: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flippedBits(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let i = random.below(5); i >= 0; i--) {
      const at = random.below(copy.length);
      copy[at] = copy[at]! ^ (1 << random.below(8));
    }
    return copy;
  },
  function otherDigits(bytes, random) {
    const text = bytes.toString('latin1');
    const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
    const copy = Buffer.from(bytes);
    for (let i = random.below(4); i >= 0; i--) copy[random.pick(digits)] = 0x30 + random.below(10);
    return copy;
  },
  function hugeNumbers(bytes, random) {
    const text = bytes.toString('latin1');
    const numbers = [...text.matchAll(/:\d+/g)];
    const { index, 0: number } = random.pick(numbers);
    const huge = random.pick([
      ':999999999',
      ':9007199254740993',
      ':1e400',
      ':-1',
      ':0.5',
      ':null',
      ':"7"',
      ':[]',
    ]);
    return Buffer.from(text.slice(0, index) + huge + text.slice(index + number.length), 'latin1');
  },
  function lostLines(bytes, random) {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.from(lines.filter(() => !random.chance(0.2)).join('\n'), 'latin1');
  },
  function shuffledLines(bytes, random) {
    const lines = bytes.toString('latin1').split('\n');
    const from = 1 + random.below(lines.length - 1);
    const to = Math.min(lines.length, from + 5);
    const some = random.shuffled(lines.slice(from, to));
    return Buffer.from([...lines.slice(0, from), ...some, ...lines.slice(to)].join('\n'), 'latin1');
  },
  function doubledLines(bytes, random) {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.from(
      lines.flatMap((line) => (random.chance(0.1) ? [line, line] : [line])).join('\n'),
      'latin1',
    );
  },
  function zeros(bytes, random) {
    const copy = Buffer.from(bytes);
    const from = random.below(copy.length);
    return copy.fill(0, from, Math.min(copy.length, from + random.below(300)));
  },
  function garbage(bytes, random) {
    const at = random.below(bytes.length);
    const junk = Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
    return Buffer.concat([bytes.subarray(0, at), junk, bytes.subarray(at)]);
  },
  function otherJson(bytes, random) {
    const lines = bytes.toString('latin1').split('\n');
    lines[random.below(lines.length)] = random.pick([
      'null',
      '7',
      '[]',
      '{}',
      '{"e":"start"}',
      '{"e":7}',
      '{"e":"toString"}',
      '""',
    ]);
    return Buffer.from(lines.join('\n'), 'latin1');
  },
];

for (const damage of DAMAGE)
  test(`a damaged journal (${damage.name}) throws nothing except a Failure, and the logs are shown`, () => {
    const story = aBuild();
    const { store, folder } = aStore(story);
    const file = journalFile(folder);
    const whole = fs.readFileSync(file);
    forSeeds(250, (seed) => {
      const bytes = damage(whole, new Random(seed));
      fs.writeFileSync(file, bytes);
      const result = showOrFail(store);
      // It was refused for its version, or nothing is left.
      if (isFailure(result)) return;
      const { problems } = result.recorded;
      for (const job of story.build.jobs) {
        const length = story.logs.of(job.id).length;
        const shown = result.shown.get(job.id) ?? 0;
        assert.ok(
          shown >= length,
          `${job.name}: ${shown} of ${length}\n${problems.join('\n')}\n${result.text}`,
        );
      }
    });
  });

test('a build with a damaged graph is shown', () => {
  const story = aBuild();
  const { store, folder } = aStore(story);
  const file = graphFile(folder);
  const whole = fs.readFileSync(file);
  for (const damage of DAMAGE)
    forSeeds(60, (seed) => {
      fs.writeFileSync(file, damage(whole, new Random(seed)));
      const { text } = show(store);
      for (const job of story.build.jobs)
        for (const line of story.logs.of(job.id).toString().split('\n')) assert.ok(text.includes(line));
    });
  fs.rmSync(file);
  assert.equal(readGraphs(folder).size, 0);
  assert.deepEqual(show(store).recorded.problems, []);
});

test('a lost first record is reported, and the rest is shown with its names', () => {
  const { store, folder } = aStore();
  const file = journalFile(folder);
  const whole = fs.readFileSync(file, 'utf8');
  const { text } = show(store);
  for (const bad of ['', '{"e":"bui\n', '\0\0\0\0\n']) {
    fs.writeFileSync(file, bad + whole.slice(whole.indexOf('\n') + 1));
    const damaged = show(store);
    assert.equal(damaged.text, text);
    assert.ok(damaged.recorded.problems.includes(`${file}: the first record is missing or damaged`));
    assert.equal(damaged.recorded.state, 'finished');
  }
});

test('a job without its start record is shown under another name, with the jobs that it launched in place', () => {
  const { store, folder } = aStore();
  const file = journalFile(folder);
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  fs.writeFileSync(file, lines.filter((line) => !line.includes('"name":"sub"')).join('\n'));
  const { recorded, text } = show(store);
  assert.equal(recorded.problems.at(-1), `${file}: records are missing; jobs without a name: 1`);
  assert.match(text, /▸ lost-3\n(.*\n)* {2}▸ sub\/x\n/);
});

test('jobs without their tool record keep their names', () => {
  const { store, folder } = aStore();
  const file = journalFile(folder);
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  fs.writeFileSync(file, lines.filter((line) => !line.includes('"e":"tool",')).join('\n'));
  const { recorded } = show(store);
  assert.deepEqual(
    recorded.build.jobs.map(({ name }) => name),
    ['make', 'gen.h', 'a.o', 'sub', 'sub/x', 'test'],
  );
});

test('log sizes come from the files if end and size records are lost', () => {
  const { store, folder } = aStore();
  const file = journalFile(folder);
  const { text } = show(store);
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  fs.writeFileSync(file, lines.filter((line) => !/"e":"(out|end)"/.test(line)).join('\n'));
  const damaged = show(store);
  assert.deepEqual(damaged.recorded.problems, [`${file}: records are missing`]);
  assert.equal(damaged.text, text.replaceAll(/^ *✗.*\n/gm, ''));
});

test('the last record without its newline is a record', () => {
  const { store, folder } = aStore();
  const file = journalFile(folder);
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').trimEnd());
  const { recorded } = show(store);
  assert.deepEqual(recorded.problems, []);
  assert.equal(recorded.state, 'finished');
});

test('another version is refused in one line with the file, and nothing is deleted', () => {
  for (const v of [0, 2, 77]) {
    const { store, folder } = aStore(undefined, { first: { v, argv: { of: 'another shape' } } });
    const before = fs.readFileSync(journalFile(folder));
    const result = showOrFail(store);
    assert.ok(isFailure(result));
    assert.equal(
      result.message,
      `${journalFile(folder)}: journal of version ${v}, this loglin reads version ${JOURNAL.newest}; use the loglin that wrote it`,
    );
    assert.equal(result.exitStatus, 125);
    assert.deepEqual(fs.readFileSync(journalFile(folder)), before);
  }
});

test('unknown fields are ignored and unknown kinds are reported', () => {
  const events = [
    { e: 'build', v: 1, id: 'x', at: 0, argv: ['make'], cwd: '', pid: 1, later: { more: 1 } },
    { e: 'later', t: 1 },
  ] as unknown as BuildEvent[];
  const { folder } = aStore();
  const file = journalFile(folder);
  fs.writeFileSync(file, journalText(events));
  const reader = new JournalReader(new GrowingFile(file));
  const { events: read = [], problems } = reader.read() ?? {};
  assert.equal(read.length, 1);
  assert.deepEqual(problems, [`${file}:2: not a record of a journal`]);
  assert.equal(reader.read(), undefined);
  assert.equal(reader.rest(), undefined);
  reader.close();
});

test('a journal that cannot be read is a Failure with the reason', () => {
  const { store, folder } = aStore();
  fs.rmSync(journalFile(folder));
  assert.throws(() => openBuild(store, ID), new Failure(`${journalFile(folder)}: no such file or directory`));
  fs.mkdirSync(journalFile(folder));
  assert.throws(() => openBuild(store, ID), new Failure(`${journalFile(folder)}: is a directory`));
});

test('an empty journal and one of zeros are a Failure that names the folder of logs', () => {
  const { store, folder } = aStore();
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(10_000)]) {
    fs.writeFileSync(journalFile(folder), bytes);
    assert.throws(() => openBuild(store, ID), {
      message: `${journalFile(folder)}: no record is intact; the logs are in ${folder}/logs`,
    });
  }
});

test('a missing, a short and an unreadable log are each reported once, and the rest is shown', () => {
  const { store, folder } = aStore();
  const jobs = openBuild(store, ID).build.jobs;
  const idOf = (name: string): Job => jobs.find((job) => job.name === name)!;
  fs.rmSync(logFile(folder, idOf('gen.h').id));
  fs.truncateSync(logFile(folder, idOf('a.o').id), 5);
  fs.rmSync(logFile(folder, idOf('sub').id));
  fs.mkdirSync(logFile(folder, idOf('sub').id));
  const { recorded, text } = show(store);
  assert.match(text, /▸ a\.o\n {2}▸ gen\.h\n(\$ .*\n)*▸ a\.o \(resumed\)\ncc -c\n/);
  assert.match(text, /▸ sub\/x\nX\n/);
  assert.equal(recorded.logs.trouble(idOf('gen.h').id), 'no such file or directory');
  assert.equal(recorded.logs.trouble(idOf('a.o').id), undefined);
  assert.equal(recorded.logs.trouble(idOf('sub').id), 'is a directory');
});

test('a log of a finished build is shown up to its recorded size, unless a process was left behind', () => {
  for (const late of [undefined, [1]]) {
    const { store, folder } = aStore(undefined, { close: late ? { late } : {} });
    fs.appendFileSync(logFile(folder, 1 as Job['id']), 'late\n');
    assert.equal(show(store).text.includes('late\n'), late !== undefined);
  }
});

test('an interrupted build shows all logs, even of jobs that the journal does not have yet', () => {
  const { store, folder } = aStore(undefined, { close: false });
  const file = journalFile(folder);
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  // As if the recorder was killed before it flushed.
  fs.writeFileSync(file, lineOf(lines.slice(0, 9).join('\n')));
  const { recorded, text } = show(store);
  assert.equal(recorded.state, 'interrupted');
  for (const log of ['warning: ü', 'X', 'tests', 'done']) assert.ok(text.includes(log), log);
});

test('bytes that are not UTF-8 are kept in a log and in the journal', () => {
  const story = aBuild();
  const { store, folder } = aStore(story);
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x0a]);
  fs.writeFileSync(
    logFile(folder, 1 as Job['id']),
    Buffer.concat([bytes, story.logs.of(1 as Job['id']).subarray(5)]),
  );
  const journal = fs.readFileSync(journalFile(folder), 'latin1').replace('"name":"test"', '"name":"t\xffst"');
  fs.writeFileSync(journalFile(folder), Buffer.from(journal, 'latin1'));
  const { recorded, text } = show(store);
  assert.deepEqual(recorded.problems, []);
  assert.ok(text.includes('▸ t\ufffdst'));
});
