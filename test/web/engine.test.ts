// What the page's engine says of a build is what the program says of it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import stripAnsi from 'strip-ansi';
import type { Engine } from '../../src/web/engine.ts';
import type { DocumentAsked, Line, Summary } from '../../src/web/protocol.ts';
import { DiskSource } from '../../src/cli/disksource.ts';
import { FakeBuild } from '../rig/fakebuild.ts';
import { run } from '../rig/inprocess.ts';
import { randomPlan } from '../rig/plans.ts';
import { engineOf, engineOver, savedText } from '../rig/pageengine.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';
import { storeBuild } from '../rig/stored.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../sample-logs');
/** The lines of a document as they are shown. */
async function lines(engine: Engine, asked: DocumentAsked): Promise<Line[]> {
  const { document } = await engine.ask('document', asked);
  const all: Line[] = [];
  for (let offset = 0; ;) {
    const { list, length } = await engine.ask('lines', {
      document,
      position: { offset },
      before: 0,
      after: 300,
    });
    all.push(...list);
    const last = list.at(-1);
    if (!last || last.next >= length) return all;
    offset = last.next;
  }
}

const textOf = (line: Line): string => line.spans.map(([text]) => text).join('');

function stores(): string[] {
  return fs
    .readdirSync(SAMPLES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === 'builds')
    .map((entry) => entry.parentPath);
}

for (const store of stores())
  for (const id of fs.readdirSync(path.join(store, 'builds')))
    test(`${path.relative(SAMPLES, store)} ${id}: the page has the text of show`, async () => {
      const engine = await engineOf(store, id);
      const show = async (...words: string[]): Promise<string> =>
        (await run(['show', '--store', store, '-b', id, ...words], [store])).bytes.toString('latin1');
      const whole = await show();
      assert.equal(await savedText(engine, { kind: 'build' }), whole);
      const shown = (await lines(engine, { kind: 'build' })).map(textOf);
      const plain = stripAnsi(Buffer.from(await show('--color=never'), 'latin1').toString());
      assert.deepEqual(shown, plain.replace(/\n$/, '').split('\n'));
      const { jobs } = await engine.ask('tree', {});
      const { list } = await engine.ask('rows', { from: 0, count: 500 });
      assert.ok(list.length >= Math.min(jobs, 500));
      const some = list.filter(({ job = 0, kind }) => kind === 'job' && job > 0).slice(0, 6);
      for (const { job, name } of some)
        assert.equal(await savedText(engine, { kind: 'block', job: job! }), await show('--', name), name);
    });

test('100 random builds: the page has the text of show, of the build and of its jobs', async (t) => {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(seed);
    const fake = new FakeBuild(randomPlan(random), {
      random,
      slots: 1 + random.below(4),
      graphs: random.chance(0.5),
      goals: true,
      late: random.chance(0.3),
    }).run();
    const store = box.path(`store${seed}`);
    storeBuild(store, fake, random.chance(0.2) ? { close: false } : {});
    const { engine } = engineOver(new DiskSource(store), { source: 'http', base: '' });
    await engine.ask('open', {});
    const show = async (...words: string[]): Promise<string> =>
      (await run(['show', '--store', store, ...words], [store])).bytes.toString('latin1');
    assert.equal(await savedText(engine, { kind: 'build' }), await show(), `seed ${seed}`);
    const { list } = await engine.ask('rows', { from: 0, count: 500 });
    const jobs = list.filter(({ job = 0, kind }) => kind === 'job' && job > 0);
    for (const { job, name } of random.shuffled(jobs).slice(0, 1)) {
      const block = await savedText(engine, { kind: 'block', job: job! });
      assert.equal(block, await show('--', name), `seed ${seed}: ${name}`);
    }
    fs.rmSync(store, { recursive: true });
  }
});

test('a diff is what loglin diff prints', async () => {
  const differing: string[] = [];
  for (const sample of ['lua', 'lz4', 'zlib']) {
    const store = path.join(SAMPLES, sample);
    const ids = fs.readdirSync(path.join(store, 'builds')).sort();
    for (const from of ids)
      for (const to of ids.filter((id) => id !== from)) {
        const { engine } = engineOver(new DiskSource(store), { source: 'http', base: '' });
        await engine.ask('open', { build: to });
        const { stdout, bytes } = await run(['diff', '--store', store, '-b', `${from}..${to}`], [store]);
        assert.ok(stdout.startsWith('diff '), stdout);
        const sections = bytes.toString('latin1').split(/^(?=diff |only in )/m);
        const { list } = await engine.ask('rows', { from: 0, count: 500 });
        for (const { job = 0, name, kind } of list) {
          if (kind !== 'job' || job === 0) continue;
          const diff = sections.find((section) => section.startsWith(`diff ${name}\n`));
          const asked: DocumentAsked = { kind: 'diff', job, with: from };
          const shown = await savedText(engine, asked);
          if (diff === undefined) {
            assert.match(shown, /^it (?:said the same|did not run) in build /);
            continue;
          }
          differing.push(name);
          assert.equal(shown, diff, `${from}..${to} ${name}`);
          const drawn = (await lines(engine, asked)).filter(({ change }) => change);
          for (const line of drawn) assert.equal(textOf(line)[0], line.change);
          assert.equal(drawn.length, [...diff.matchAll(/^[-+](?![-+]{2} )/gm)].length);
        }
      }
  }
  assert.ok(differing.length > 5, differing.join());
});

test('without another build, a diff is with the last run; problems that it had are not new', async () => {
  const store = path.join(SAMPLES, 'lua');
  const [first = '', second = ''] = fs.readdirSync(path.join(store, 'builds')).sort();
  // Commands first: at its end, one closes whatever is open in this process.
  const newOnes = ['problems', '--store', store, '-b', second, '--new', '--json'];
  const listed = (await run(newOnes, [store])).stdout.split('\n');
  const expected = listed.filter((line) => line.includes('"message"'));
  const diff = await run(['diff', '--store', store, '-b', second, '--', 'ltests.o'], [store]);
  const { engine } = engineOver(new DiskSource(store), { source: 'http', base: '' });
  await engine.ask('open', { build: second });
  const known = new Promise<Summary>((resolve) => {
    engine.on('summary', (summary) => {
      if (summary.problems?.newOnes) resolve(summary);
    });
  });
  const { problems } = await known;
  assert.equal((problems?.newErrors ?? 0) + (problems?.newWarnings ?? 0), expected.length);
  const { list } = await engine.ask('problems', { from: 0, count: 500 });
  assert.equal(list.filter(({ isNew }) => isNew).length, expected.length);
  assert.ok(expected.length > 0);
  const { list: rows } = await engine.ask('rows', { from: 0, count: 500 });
  const { job = 0 } = rows.find(({ name }) => name === 'ltests.o')!;
  assert.equal(await savedText(engine, { kind: 'diff', job }), diff.bytes.toString('latin1'));
  await engine.ask('open', { build: first });
  const { document } = await engine.ask('document', { kind: 'diff', job: 1 });
  const { list: said } = await engine.ask('lines', {
    document,
    position: { offset: 0 },
    before: 0,
    after: 9,
  });
  assert.equal(textOf(said[0]!), 'it has not run in the builds before');
  await assert.rejects(engine.ask('document', { kind: 'diff', job: 1, with: 'nosuch' }));
});

test('a page that is one file tells new problems as that of the store does', async () => {
  for (const store of stores())
    for (const build of fs.readdirSync(path.join(store, 'builds'))) {
      const { engine } = engineOver(new DiskSource(store), { source: 'http', base: '' });
      const compared = fs.readdirSync(path.join(store, 'builds')).some((id) => id < build);
      const [inFile, served] = [await engineOf(store, build), engine];
      await served.ask('open', { build });
      const of = async (one: Engine): Promise<unknown> => {
        const { problems } = await problemsTold(one, compared);
        return { problems, rows: await one.ask('problems', { from: 0, count: 500 }) };
      };
      assert.deepEqual(await of(inFile), await of(served), `${store} ${build}`);
    }
});

/** The summary when the problems were found. @param compared new ones are told then, if there are any. */
async function problemsTold(engine: Engine, compared: boolean): Promise<Summary> {
  for (;;) {
    const summary = await engine.ask('summary', {});
    const { problems } = summary;
    const any = problems && problems.errors + problems.warnings > 0;
    if (problems && (!compared || !any || problems.newOnes)) return summary;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('while logs are read, the summary is told now and then, not with each of them', async () => {
  const store = path.join(SAMPLES, 'lua');
  const { engine } = engineOver(new DiskSource(store), { source: 'http', base: '' });
  let told = 0;
  const done = new Promise<number>((resolve) => {
    engine.on('summary', (summary) => {
      told++;
      if (summary.problems) resolve(summary.jobs);
    });
  });
  await engine.ask('open', {});
  const jobs = await done;
  assert.ok(told <= jobs / 2, `${told} times, ${jobs} jobs`);
});

test('of a record that was cut anywhere, the page has what show has', async (t) => {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  const [id = ''] = fs.readdirSync(path.join(SAMPLES, 'lua/builds')).slice(-1);
  const whole = fs.readFileSync(path.join(SAMPLES, 'lua/builds', id, 'journal.ndjson'));
  const random = new Random(18);
  const store = box.path('store');
  fs.cpSync(path.join(SAMPLES, 'lua/builds', id), path.join(store, 'builds', id), { recursive: true });
  const first = whole.indexOf(0x0a) + 1;
  for (let i = 0; i < 40; i++) {
    const size = first + random.below(whole.length - first);
    fs.writeFileSync(path.join(store, 'builds', id, 'journal.ndjson'), whole.subarray(0, size));
    const engine = await engineOf(store, id);
    const shown = await run(['show', '--store', store, '-b', id], [store]);
    assert.equal(
      await savedText(engine, { kind: 'build' }),
      shown.bytes.toString('latin1'),
      `cut at ${size}`,
    );
  }
});

test('questions about jobs, links, problems and times are answered', async () => {
  const [id = ''] = fs.readdirSync(path.join(SAMPLES, 'lua/builds')).slice(-1);
  const engine = await engineOf(path.join(SAMPLES, 'lua'), id);
  const summary = await engine.ask('summary', {});
  assert.equal(summary.standing, 'failed');
  const [bad] = summary.rootFailures;
  assert.equal(bad?.name, 'loslib.o');
  const target = await engine.ask('resolve', { link: '#job/loslib.o/L3' });
  assert.deepEqual(target, { view: 'job', document: { kind: 'log', job: bad.job }, line: 3 });
  assert.deepEqual(await engine.ask('resolve', { link: '#job/none' }), { view: 'unknown', name: 'none' });
  const { document, startAt } = await engine.ask('document', { kind: 'log', job: bad.job });
  const { list, at } = await engine.ask('lines', {
    document,
    position: { offset: startAt ?? 0 },
    before: 1,
    after: 1,
    pattern: 'error:',
  });
  assert.match(textOf(list[at]!), /loslib\.c:195:3: error: too few arguments/);
  assert.equal(list[at]?.problem, 'error');
  const [from = 0, to = 0] = list[at].matches ?? [];
  assert.equal(textOf(list[at]).slice(from, to), 'error:');
  assert.equal(await engine.ask('link', { document, offset: list[at].offset }), '#job/loslib.o/L3');
  const whole = await engine.ask('document', { kind: 'build' });
  const found = await engine.ask('find', {
    document: whole.document,
    pattern: 'unused',
    offset: 0,
    ahead: true,
  });
  assert.ok(found);
  const counted = await engine.ask('count', { document: whole.document, pattern: '^gcc' });
  assert.equal(counted.done, true);
  assert.equal((await engine.ask('grep', { pattern: 'warning:' })).hits, 2);
  const times = await engine.ask('timeline', {});
  assert.equal(times.jobs.length, 14);
  const details = await engine.ask('job', { job: bad.job });
  assert.equal(details.link, '#job/loslib.o');
  const { bytes } = await engine.ask('trace', { part: 0 });
  assert.ok(JSON.parse(Buffer.from(bytes).toString()));
  await assert.rejects(engine.ask('job', { job: 9999 }), /has no job 9999/);
  await assert.rejects(engine.ask('grep', { pattern: '(' }), /no regular expression/);
});
