// Forged records. A job has the nonce, and can write anything into any FIFO of the build. That may spoil its
// own record. It must never stop the recorder, nor make it open, remove or wait for anything outside the
// build's folder. The record must still be readable. FUZZ_SEEDS=1000 runs more.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { capacityOf } from '../../src/capture/capacity.ts';
import { Recorder } from '../../src/capture/recorder.ts';
import { firstSlotNames } from '../../src/capture/slots.ts';
import { WIRE } from '../../src/capture/wire.ts';
import { Workspace } from '../../src/capture/workspace.ts';
import { emptyBuild, reduce } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { parseRecord } from '../../src/record/journal.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

/** All kinds of records, and letters of none. */
const KINDS = [...Object.keys(WIRE), ...Array.from('cfpqtuABHIJYZ')];
const RECORDS = 60;
const CAPACITY = capacityOf(200);

/** Values of fields: some are valid in some field, others in none. */
function field(random: Random, outside: string): string {
  const wire = (): string =>
    random.pick(['m', 'j1', 'j2', '12.5f.0', '12.5f', 'n1', 'n2', 'c1', 'root', '#1', 'x.y.z', '.', '']);
  return random.pick([
    wire,
    wire,
    () => random.pick(['0', '1', '2', '3', '-', 'e1', 'e2', 'n1', 'n5', '99', 'ctl', 'free', '../ctl']),
    () => `${random.pick(['0', '1', '-', 'n1', 'e1'])}/${wire()}`,
    () => String(random.below(300) - 100),
    () =>
      random.pick([
        'NaN',
        '1e400',
        '-0',
        '9'.repeat(30),
        '0x10',
        ' 1',
        '1.5',
        'Infinity',
        '__proto__',
        'constructor',
      ]),
    () => String(Date.now() * 1000),
    () => random.pick(['11', '10', '01', '00', '1111', '111']),
    () =>
      random.pick([
        outside,
        `../${path.basename(outside)}`,
        '/etc/passwd',
        '/dev/zero',
        '/proc/self/mem',
        '.',
        '..',
        '/',
        '//x/../y/',
      ]),
    () =>
      random.pick([
        'all',
        'a b | c',
        'x.o',
        'a\tb',
        '%',
        '\x1b[31m',
        '\ufffd',
        '日本',
        'a'.repeat(5000),
        '\0',
        '\n',
        ' ',
      ]),
    () =>
      random.pick([
        'cc',
        '-c',
        '-j4',
        '--crate-name',
        'foo',
        '--crate-type',
        '--error-format=json',
        '/bin/sh',
        'line',
        'target',
        'ff00',
        'zz',
      ]),
    () => '',
  ])();
}

function record(random: Random, nonce: string, outside: string): string {
  const kind = random.pick(KINDS);
  const fields = Array.from({ length: random.below(14) }, () => field(random, outside));
  if (random.below(8) === 0)
    return `\x1e${nonce}${kind}@${random.pick(['r.1', 'r.2', 'r.fifo', 'g.1', ...fields, ''])}\x1f`;
  const escaped = fields.map((one) =>
    one.replaceAll(/[\0-\x1f%]/g, (c) =>
      random.below(20) === 0 ? c : `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
    ),
  );
  const text = `\x1e${nonce}${kind}:${escaped.join('\t')}\x1f`;
  return random.below(30) === 0 ? text.slice(0, random.below(text.length)) : text;
}

function run(random: Random): void {
  const box = new Sandbox();
  const outside = box.write('outside', 'mine');
  const workspace = new Workspace(firstSlotNames(CAPACITY));
  const build = emptyBuild();
  const events: BuildEvent[] = [];
  const writers = new Map<string, number>();
  try {
    const event = (one: BuildEvent): void => {
      events.push(one);
      reduce(build, one);
    };
    const start = Date.now();
    event({ e: 'build', v: 1, id: 'x', at: start, argv: ['make'], cwd: '', pid: 1 });
    const sizes = new Map<number, number>();
    const recorder = new Recorder(
      workspace,
      CAPACITY,
      '/project',
      start,
      {
        event,
        append: (job, bytes) => void sizes.set(job, (sizes.get(job) ?? 0) + bytes.length),
        create: (job) => void sizes.set(job, 0),
        graph: () => undefined,
      },
      { argv: ['make'], cwd: '/project' },
    );
    const unexpected = (error: unknown): void => {
      throw error;
    };
    for (const name of ['r.1', 'r.2', 'g.1'])
      fs.writeFileSync(
        workspace.path(name),
        Array.from({ length: random.below(12) }, () => field(random, outside)).join('\0'),
      );
    workspace.makeFifos([
      workspace.path('r.fifo'),
      workspace.path('n5.reply'),
      workspace.slot('n5'),
      workspace.slot('n1'),
      workspace.path('n1.reply'),
    ]);
    fs.symlinkSync(outside, workspace.path('n2.reply'));
    for (let i = 0; i < RECORDS; i++) {
      const slot = random.pick(['0', '0', '0', '-', '1', '2', '3', 'n1']);
      const file = slot === '-' ? workspace.path('ctl') : workspace.slot(slot);
      try {
        const fd = writers.get(slot) ?? fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
        writers.set(slot, fd);
        fs.writeSync(fd, random.below(4) === 0 ? `text ${i}\n` : record(random, workspace.nonce, outside));
      } catch {
        // The slot has no reader, or is full.
      }
      if (random.below(6) === 0) {
        const fd = writers.get(slot);
        if (fd !== undefined) fs.closeSync(fd);
        writers.delete(slot);
      }
      if (random.below(3) === 0) recorder.poll(unexpected);
    }
    recorder.poll(unexpected);
    for (const fd of writers.values()) fs.closeSync(fd);
    recorder.finish({ exit: 0 });
    recorder.close();
    for (const one of events)
      assert.ok(
        parseRecord(Buffer.from(JSON.stringify(one)), 'journal'),
        `cannot be read again: ${JSON.stringify(one)}`,
      );
    for (const job of build.jobs) assert.ok(job.ended !== undefined, `job ${job.id} has not ended`);
    assert.equal(fs.readFileSync(outside, 'utf8'), 'mine');
    assert.deepEqual(fs.readdirSync(box.folder), ['outside']);
  } finally {
    workspace.remove();
    box.remove();
  }
}

test('forged records never stop the recorder', () => {
  forSeeds(Number(process.env.FUZZ_SEEDS ?? 60), (seed) => {
    run(new Random(seed));
  });
});
