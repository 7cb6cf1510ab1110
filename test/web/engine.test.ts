// What the page's engine says of a build is what the program says of it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import stripAnsi from 'strip-ansi';
import type { Engine } from '../../src/web/engine.ts';
import type { DocumentAsked, Line } from '../../src/web/protocol.ts';
import { run } from '../rig/inprocess.ts';
import { engineOf, savedText } from '../rig/pageengine.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random } from '../rig/seeded.ts';

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
    assert.equal(await savedText(engine, { kind: 'build' }), shown.bytes.toString('latin1'), `cut at ${size}`);
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
