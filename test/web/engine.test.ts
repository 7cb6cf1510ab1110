// What the page's engine says of a build is what the program says of it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import stripAnsi from 'strip-ansi';
import type { Engine } from '../../src/web/engine.ts';
import type { DocumentAsked, Line } from '../../src/web/protocol.ts';
import { run } from '../rig/inprocess.ts';
import { engineOf } from '../rig/pageengine.ts';

const SAMPLES = path.resolve(import.meta.dirname, '../../sample-logs');
/** The text of a document as it is saved. */
async function saved(engine: Engine, asked: DocumentAsked): Promise<string> {
  const { document } = await engine.ask('document', asked);
  const parts: Uint8Array[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const { bytes, next }: { bytes: Uint8Array; next?: number } = await engine.ask('text', {
      document,
      from,
    });
    parts.push(bytes);
    from = next;
  }
  return Buffer.concat(parts).toString('latin1');
}

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
      assert.equal(await saved(engine, { kind: 'build' }), whole);
      const shown = (await lines(engine, { kind: 'build' })).map(textOf);
      const plain = stripAnsi(Buffer.from(await show('--color=never'), 'latin1').toString());
      assert.deepEqual(shown, plain.replace(/\n$/, '').split('\n'));
      const { jobs } = await engine.ask('tree', {});
      const { list } = await engine.ask('rows', { from: 0, count: 500 });
      assert.ok(list.length >= Math.min(jobs, 500));
      const some = list.filter(({ job = 0, kind }) => kind === 'job' && job > 0).slice(0, 6);
      for (const { job, name } of some)
        assert.equal(await saved(engine, { kind: 'block', job: job! }), await show('--', name), name);
    });
