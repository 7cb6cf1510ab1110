// The recorder on real FIFOs. The test writes every record and every byte itself, and poll() reads them.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { RecorderSink } from '../../src/capture/jobs.ts';
import { Recorder } from '../../src/capture/recorder.ts';
import { Workspace } from '../../src/capture/workspace.ts';
import { Failure } from '../../src/model/failure.ts';
import type { Build } from '../../src/model/build.ts';
import { emptyBuild, reduce } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import type { GraphNode } from '../../src/model/graph.ts';
import { capacityOf } from '../../src/capture/capacity.ts';
import { firstSlotNames } from '../../src/capture/slots.ts';
import { liveness } from '../../src/store/running.ts';
import { MemoryLogs } from '../rig/fakebuild.ts';

const START = Date.now();
const CAPACITY = capacityOf();
/** A time on the wire: microseconds since the epoch. */
const wireTime = (ms: number): string => String((START + ms) * 1000);

class Rig {
  readonly workspace = new Workspace(firstSlotNames(CAPACITY));
  readonly build: Build = emptyBuild();
  readonly events: BuildEvent[] = [];
  readonly logs = new MemoryLogs();
  readonly graphs: { i: number; nodes: GraphNode[]; goals: readonly string[] }[] = [];
  readonly recorder: Recorder;
  readonly #writers = new Map<string, number>();
  /** Writes a byte at a time, with a poll after each. */
  slowly = false;

  constructor() {
    const event = (one: BuildEvent): void => {
      this.events.push(one);
      reduce(this.build, one);
    };
    event({ e: 'build', v: 1, id: 'x', at: START, argv: ['make'], cwd: '', pid: 1 });
    const sink: RecorderSink = {
      event,
      append: (job, bytes) => void this.logs.append(job, Buffer.from(bytes)),
      create: () => undefined,
      graph: (i, nodes, goals) => void this.graphs.push({ i, nodes, goals }),
    };
    const command = { argv: ['make'], cwd: '/project' };
    this.recorder = new Recorder(this.workspace, CAPACITY, '/project', START, sink, command);
    this.open('0');
  }

  open(slot: string): this {
    const file = slot === '-' ? this.workspace.path('ctl') : this.workspace.slot(slot);
    this.#writers.set(slot, fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK));
    return this;
  }

  close(slot: string): this {
    fs.closeSync(this.#writers.get(slot)!);
    this.#writers.delete(slot);
    return this;
  }

  write(slot: string, text: string): this {
    const fd = this.#writers.get(slot)!;
    if (!this.slowly) fs.writeSync(fd, text);
    else
      for (const byte of Buffer.from(text)) {
        fs.writeSync(fd, Buffer.from([byte]));
        this.poll();
      }
    return this;
  }

  /**
   * Writes a text in one go, as far as it fits: two pages only, if this user has many pipes
   * (/proc/sys/fs/pipe-user-pages-soft).
   * @returns how many bytes fitted.
   */
  writeUntilFull(slot: string, text: string): number {
    return fs.writeSync(this.#writers.get(slot)!, text);
  }

  record(slot: string, kind: string, ...fields: string[]): this {
    const escaped = fields.map((field) =>
      field.replaceAll(/[\t\n%\x1e\x1f]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`),
    );
    return this.write(slot, `\x1e${this.workspace.nonce}${kind}:${escaped.join('\t')}\x1f`);
  }

  /** Starts a make that writes to this slot and runs in this job. */
  make(wire: string, slot = '0', place = '0/-', errVisible = false): this {
    return this.record(
      slot,
      'M',
      wire,
      '100',
      place,
      errVisible ? '11' : '10',
      wireTime(1),
      '',
      'make',
      '-j2',
    );
  }

  launch(
    wire: string,
    slot: string,
    target: string,
    argv: readonly string[],
    options: { make?: string; from?: string; needs?: string; flags?: string } = {},
  ): this {
    const { make = 'm', from = '0', needs = '', flags = '11' } = options;
    const fields = [wire, make, slot, flags, wireTime(2), '/project/sub', target, needs, '', 'all'];
    return this.record(from, 'L', ...fields, ...argv);
  }

  begin(wire: string, slot: string, step = 0, stream = '0'): this {
    return this.open(slot).record(slot, 'S', wire, String(step), stream);
  }

  /** Ends a step. */
  reap(wire: string, status: number, step = 0, from = '0'): this {
    return this.record(from, 'W', wire, String(step), String(status), wireTime(9), '10', '20', '30');
  }

  poll(): this {
    this.recorder.poll((error) => {
      throw error;
    });
    return this;
  }

  /** Polls until the condition holds, since the recorder holds text for a while. */
  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 60_000;
    while (!condition()) {
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(Date.now() < end, 'waited a minute');
      this.poll();
    }
  }

  log(job: number | string): string {
    const found =
      typeof job === 'number' ? this.build.jobs[job] : this.build.jobs.find(({ name }) => name === job);
    assert.ok(found, `job ${job}`);
    return this.logs.of(found.id).toString('latin1');
  }

  of<K extends BuildEvent['e']>(kind: K): Extract<BuildEvent, { e: K }>[] {
    return this.events.filter((event): event is Extract<BuildEvent, { e: K }> => event.e === kind);
  }

  end(): void {
    for (const slot of [...this.#writers.keys()]) this.close(slot);
    this.workspace.remove();
  }
}

async function withRig(action: (rig: Rig) => void | Promise<void>): Promise<void> {
  const rig = new Rig();
  try {
    await action(rig);
  } finally {
    rig.end();
  }
}

test('what the command itself prints is the root log; there are events of its growth and of the end', () =>
  withRig((rig) => {
    rig.write('0', 'one\ntwo').poll();
    assert.equal(rig.log(0), 'one\ntwo');
    assert.deepEqual(rig.of('out').at(-1)?.sizes, [[0, 7]]);
    rig.close('0');
    assert.deepEqual(rig.recorder.finish({ exit: 3 }), []);
    const [end] = rig.of('end');
    assert.deepEqual([end?.j, end?.status, end?.size], [0, { exit: 3 }, 7]);
  }));

for (const slowly of [false, true])
  test(`a job: start, step, echo, output, end${slowly ? ', every record a byte at a time' : ''}`, () =>
    withRig((rig) => {
      rig.slowly = slowly;
      rig.write('0', 'entering\n').make('m').write('0', 'cc -c a.c\n');
      rig.launch('a', '1', 'a.o', ['/bin/sh', '-c', 'cc -c a.c'], { needs: 'x.h | dir' });
      rig.begin('a', '1').write('1', 'warning\n').reap('a', 0).record('0', 'E', 'a').close('1').poll();
      assert.equal(rig.log(0), 'entering\n');
      assert.equal(rig.log('sub/a.o'), 'cc -c a.c\nwarning\n');
      const [start] = rig.of('start');
      assert.equal(start?.name, 'sub/a.o');
      assert.equal(start.target, 'a.o');
      assert.equal(start.needs, 'x.h | dir');
      assert.equal(start.at, 'entering\n'.length);
      assert.equal(start.mid, undefined);
      const [step] = rig.of('step');
      assert.deepEqual([step?.at, step?.echo, step?.argv.at(-1)], [0, true, 'cc -c a.c']);
      const [stepEnd] = rig.of('stepend');
      assert.deepEqual(
        [stepEnd?.status, stepEnd?.t, stepEnd?.user, stepEnd?.sys, stepEnd?.rss],
        [{ exit: 0 }, 9, 10, 20, 30],
      );
      const [end] = rig.of('end');
      assert.deepEqual([end?.status, end?.size, end?.t], [{ exit: 0 }, 18, 9]);
      assert.deepEqual(rig.of('goals')[0]?.goals, ['all']);
      const [tool] = rig.of('tool');
      assert.deepEqual([tool?.cwd, tool?.argv, tool?.j], ['sub', ['make', '-j2'], 0]);
    }));

test('a job whose end is reported before its slot was read: its log is complete at its end event', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '1', 'a', ['a']).begin('a', '1');
    const size = rig.writeUntilFull('1', 'x'.repeat(50_000));
    assert.ok(size >= 4096);
    rig.reap('a', 0).record('0', 'E', 'a').poll();
    assert.equal(rig.of('end')[0]?.size, size);
    assert.equal(rig.log('sub/a').length, size);
  }));

test('steps of one job: each with its place and its status; the end is that of the last', () =>
  withRig((rig) => {
    rig.make('m').write('0', 'one\n').launch('a', '1', 'a', ['one']).begin('a', '1').write('1', '1\n');
    rig.reap('a', 0).write('0', 'two\n').record('0', 'P', 'a', '1', '0', wireTime(5), 'two');
    rig.record('1', 'S', 'a', '1', '0').write('1', '2\n').reap('a', 1, 1).record('0', 'E', 'a').poll();
    assert.equal(rig.log('sub/a'), 'one\n1\ntwo\n2\n');
    assert.deepEqual(
      rig.of('step').map(({ s, at, echo }) => [s, at, echo]),
      [
        [0, 0, true],
        [1, 6, true],
      ],
    );
    assert.deepEqual(rig.of('end')[0]?.status, { exit: 1 });
  }));

test("make's lines about a failure move into the job's log; a signal; what is ignored", () =>
  withRig((rig) => {
    rig.make('m', '0', '0/-', true);
    rig.launch('a', '1', 'a', ['a']).begin('a', '1').write('1', 'A\n').reap('a', 2);
    rig.write('0', 'make: *** [Makefile:1: a] Error 2\nother\n').record('0', 'E', 'a');
    rig.launch('b', '2', 'b', ['b']).begin('b', '2').reap('b', -11);
    rig
      .write('0', "make: *** [Makefile:2: b] Segmentation fault\nmake: *** Deleting file 'b'\n")
      .record('0', 'E', 'b');
    rig.launch('c', '3', 'c', ['c']).begin('c', '3').reap('c', 1);
    rig.write('0', 'make: [Makefile:3: c] Error 1 (ignored)\n').record('0', 'E', 'c').poll();
    rig.record('0', 'X', 'm', '2', wireTime(20), '').poll();
    assert.equal(rig.log('sub/a'), 'A\nmake: *** [Makefile:1: a] Error 2\n');
    assert.equal(
      rig.log('sub/b'),
      "make: *** [Makefile:2: b] Segmentation fault\nmake: *** Deleting file 'b'\n",
    );
    assert.equal(rig.log('sub/c'), 'make: [Makefile:3: c] Error 1 (ignored)\n');
    assert.equal(rig.log(0), 'other\n');
    assert.deepEqual(
      rig.of('end').map(({ status, ignored }) => [status, ignored]),
      [
        [{ exit: 2 }, undefined],
        [{ signal: 11 }, undefined],
        [{ exit: 1 }, true],
      ],
    );
    assert.equal(rig.recorder.failures, 2);
    assert.deepEqual(rig.of('toolend'), [{ e: 'toolend', t: 20, i: 0, exit: 2 }]);
  }));

test('a program that is not there is a job of its own', () =>
  withRig((rig) => {
    rig
      .make('m')
      .write(
        '0',
        'nope x\nmake: nope: No such file or directory\nmake: *** [Makefile:1: a] Error 127\nlater\n',
      );
    rig.record('0', 'X', 'm', '2', wireTime(5), '').poll();
    assert.equal(
      rig.log(1),
      'nope x\nmake: nope: No such file or directory\nmake: *** [Makefile:1: a] Error 127\n',
    );
    assert.deepEqual([rig.build.jobs[1]?.target, rig.build.jobs[1]?.status], ['a', { exit: 127 }]);
    assert.equal(rig.log(0), 'later\n');
  }));

test('a step whose program cannot be started ends when it began, not before', () =>
  withRig((rig) => {
    const failed = 'make: ./bad: No such file or directory\nmake: *** [Makefile:1: a] Error 127\n';
    rig.make('m').launch('a', '1', 'a', ['./bad']).begin('a', '1').poll();
    rig.write('0', failed).record('0', 'E', 'a').close('1').poll();
    rig.launch('b', '2', 'a', ['true']).begin('b', '2').reap('b', 0);
    rig.record('0', 'P', 'b', '1', '0', wireTime(12), './bad').record('2', 'S', 'b', '1', '0').poll();
    rig.write('0', failed).record('0', 'E', 'b').poll();
    assert.deepEqual(
      rig.of('end').map(({ t, status }) => [t, status]),
      [
        [2, { exit: 127 }],
        [12, { exit: 127 }],
      ],
    );
  }));

test("make's own text that turns out to be nobody's echo is passed on after a while, without another byte", () =>
  withRig(async (rig) => {
    rig.make('m').write('0', 'make: Nothing to be done\n').poll();
    assert.equal(rig.log(0), '');
    await rig.until(() => rig.log(0) !== '');
    assert.equal(rig.log(0), 'make: Nothing to be done\n');
  }));

test('a launch inside a line of the parent', () =>
  withRig((rig) => {
    rig.make('m').write('0', 'no newline').launch('a', '1', 'a', ['a']).poll();
    assert.deepEqual(
      rig.of('start').map(({ at, mid }) => [at, mid]),
      [[10, true]],
    );
  }));

test('a make below a job: its jobs are linked into the log of that job', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '1', 'all', ['make', '-C', 'sub']).begin('a', '1').write('1', 'before\n');
    rig.record('1', 'M', 'n', '200', '1/a', '10', wireTime(3), '', 'make', '-C', 'sub');
    rig
      .launch('b', '2', 'x', ['x'], { make: 'n', from: '1' })
      .begin('b', '2', 0, '1')
      .write('2', 'X\n')
      .poll();
    rig
      .reap('b', 0, 0, '1')
      .record('1', 'E', 'b')
      .record('1', 'X', 'n', '0', wireTime(8), '')
      .write('1', 'after\n');
    rig.reap('a', 0).record('0', 'E', 'a').poll();
    const [, inner] = rig.of('start');
    assert.deepEqual([inner?.parent, inner?.at, inner?.i], [1, 7, 1]);
    assert.equal(rig.log(1), 'before\nafter\n');
    assert.equal(rig.log(2), 'X\n');
    assert.deepEqual(
      rig.of('tool').map(({ i, j }) => [i, j]),
      [
        [0, 0],
        [1, 1],
      ],
    );
    assert.deepEqual(
      rig.of('end').map(({ j }) => j),
      [2, 1],
    );
  }));

test('makes that write into one slot at the same time: an event names what each wrote when it ends', () =>
  withRig((rig) => {
    const begins = (wire: string, born: string): unknown =>
      rig.record('0', 'M', wire, born.slice(-1), '0/-', '11', wireTime(1), born, 'make');
    const says = (wire: string, text: string): unknown =>
      rig.record('0', 'T', wire, String(text.length)).write('0', text);
    begins('m', '1.1/5.5');
    says('m', 'enter m\n');
    begins('n', '1.1/5.6');
    says('n', 'enter n\n');
    rig.write('0', 'of the shell\n');
    says('m', 'cc a\n');
    // The echo is found although others have written since.
    says('n', 'cc b\n');
    rig
      .launch('a', '1', 'a', ['sh', '-c', 'cc a'])
      .launch('b', '2', 'b', ['sh', '-c', 'cc b'], { make: 'n' });
    says('n', 'leave n\n');
    says('m', 'leave m\n');
    rig.record('0', 'X', 'n', '0', wireTime(8), '').record('0', 'X', 'm', '0', wireTime(9), '').poll();
    const log = rig.log(0);
    const said = (i: number): string =>
      rig
        .of('said')
        .filter((event) => Number(event.i) === i)
        .flatMap(({ ranges }) => ranges.map(([from, to]) => log.slice(from, to)))
        .join('');
    assert.equal(said(0), 'enter m\nleave m\n');
    assert.equal(said(1), 'enter n\nleave n\n');
    assert.equal(log.replaceAll(/(?:enter|leave) .\n/g, ''), 'of the shell\n');
    assert.deepEqual(
      rig.of('tool').map(({ born }) => born),
      ['1.1/5.5', '1.1/5.6'],
    );
  }));

test('a make that was alone gets no event about what it wrote, until one is heard of that started before it', () =>
  withRig((rig) => {
    const runs = (wire: string, born: string): unknown => {
      rig.record('0', 'M', wire, born.slice(-1), '0/-', '11', wireTime(1), born, 'make');
      rig.record('0', 'T', wire, '3').write('0', `${wire}!\n`);
      return rig.record('0', 'X', wire, '2', wireTime(2), '', '/project/sub').poll();
    };
    runs('m', '1.1/5.5');
    runs('n', '1.1/5.6');
    assert.deepEqual(rig.of('said'), []);
    runs('o', '1.1/5.4');
    assert.deepEqual(
      rig.of('said').map(({ i, ranges }) => [i, ranges]),
      [
        [0, [[0, 3]]],
        [1, [[3, 6]]],
        [2, [[6, 9]]],
      ],
    );
    assert.deepEqual(
      rig.of('toolend').map(({ i, exit }) => [i, exit]),
      [
        [0, 2],
        [1, 2],
        [2, 2],
      ],
    );
  }));

test('a forged piece of text: of nobody, of no size, of more than comes', () =>
  withRig((rig) => {
    rig.make('m');
    for (const [whose, size] of [
      ['x', '3'],
      ['m', '-1'],
      ['m', 'many'],
      ['m', '99999999'],
    ] as const)
      rig.record('0', 'T', whose, size).write('0', 'text\n');
    rig.record('0', 'T', 'm', '4000').write('0', 'end\n').record('0', 'X', 'm', '0', wireTime(9), '').poll();
    assert.equal(rig.log(0), `${'text\n'.repeat(4)}end\n`);
  }));

test('a make that was killed: its last lines about jobs that it has not reported as finished are theirs', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '1', 'a', ['a']).begin('a', '1').launch('b', '2', 'b', ['b']).begin('b', '2');
    rig.launch('c', '3', 'c', ['c']).begin('c', '3').poll();
    rig.reap('a', -2).write('0', 'make: *** [Makefile:2: a] Interrupt\n');
    rig.reap('b', -2).write('0', "make: *** [Makefile:2: b] Interrupt\nmake: *** Deleting file 'b'\n");
    rig.write('0', 'make: *** [Makefile:2: c] Interrupt\n').write('0', 'and the shell\n');
    for (const slot of ['1', '2', '3', '0']) rig.close(slot);
    rig.recorder.finish({ signal: 2 });
    assert.equal(rig.log('sub/a'), 'make: *** [Makefile:2: a] Interrupt\n');
    assert.equal(rig.log('sub/b'), "make: *** [Makefile:2: b] Interrupt\nmake: *** Deleting file 'b'\n");
    // The other job still ran.
    assert.equal(rig.log(0), 'make: *** [Makefile:2: c] Interrupt\nand the shell\n');
  }));

test("a ninja's lines about itself stay where they stand between its others", () =>
  withRig((rig) => {
    const text =
      "ninja explain: a is dirty\nninja: error: 'b' missing\n  of the shell\nninja: build stopped\nlast\n";
    rig
      .record('0', 'm', '7.1', '100', '0/-', '11-0', wireTime(1), '', 'ninja', '-d', 'explain')
      .write('0', text);
    rig.record('0', 'x', '7.1', '1', wireTime(2), '/project').poll();
    assert.equal(rig.log(0), text);
  }));

test('a make that executes itself anew stays one instance', () =>
  withRig((rig) => {
    rig
      .make('m')
      .launch('a', '1', 'inc.mk', ['gen'])
      .begin('a', '1')
      .reap('a', 0)
      .record('0', 'E', 'a')
      .close('1')
      .poll();
    rig.make('m2').launch('b', '2', 'all', ['true'], { make: 'm2' }).poll();
    assert.deepEqual(
      rig.of('start').map(({ i }) => i),
      [0, 0],
    );
    assert.equal(rig.of('tool').length, 1);
  }));

test('late bytes reach the log of their job, and its slot is not given away before the last writer is gone', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '1', 'a', ['a']).begin('a', '1').write('1', 'on time\n');
    rig.reap('a', 0).record('0', 'E', 'a').poll();
    assert.equal(rig.of('end').length, 1);
    rig.write('1', 'late\n').poll();
    assert.equal(rig.log('sub/a'), 'on time\nlate\n');
    assert.deepEqual(rig.of('out').at(-1)?.sizes, [[1, 13]]);
    rig.close('1').poll();
    // The slot is free now: another job gets it.
    rig.launch('b', '1', 'b', ['b']).begin('b', '1').write('1', 'B\n').poll();
    assert.equal(rig.log('sub/b'), 'B\n');
    assert.equal(rig.log('sub/a'), 'on time\nlate\n');
  }));

test('a job without a slot: its output is in the log of what started it, and there is one note', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '-', 'a', ['a']).launch('b', '-', 'b', ['b']).poll();
    rig.reap('a', 0).record('0', 'E', 'a').poll();
    assert.equal(rig.of('note').length, 1);
    assert.deepEqual(rig.of('end')[0]?.status, { exit: 0 });
  }));

test('a job whose stdout went elsewhere is marked', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '1', 'a', ['a'], { flags: '01' }).poll();
    assert.equal(rig.of('start')[0]?.aside, true);
  }));

test('the graph at the end of a make: read from the spool file, which is removed', () =>
  withRig((rig) => {
    const file = rig.workspace.path('graph.1');
    fs.copyFileSync(path.join(import.meta.dirname, 'fixtures/make-graph/C.txt'), file);
    rig.make('m').launch('a', '1', 'a', ['a']).reap('a', 0).record('0', 'E', 'a');
    rig.record('0', 'X', 'm', '0', wireTime(5), 'graph.1').poll();
    assert.equal(rig.graphs.length, 1);
    assert.deepEqual(rig.graphs[0]?.goals, ['all']);
    assert.ok(rig.graphs[0].nodes.some(({ name, needs }) => name === 'all' && needs.length > 0));
    assert.ok(!fs.existsSync(file));
  }));

test('records over the control FIFO are as good as those in a stream', () =>
  withRig((rig) => {
    rig.open('-').record('-', 'M', 'm', '1', '0/-', '00', wireTime(1), '', 'make');
    rig.launch('a', '1', 'a', ['a'], { from: '-' }).begin('a', '1', 0, '-').write('1', 'A\n').poll();
    rig.reap('a', 0, 0, '-').record('-', 'E', 'a').poll();
    assert.equal(rig.log('sub/a'), 'A\n');
    assert.equal(rig.of('end').length, 1);
  }));

test('records of unknown kinds, jobs and makes are passed over; records of another build are text', () =>
  withRig((rig) => {
    rig
      .record('0', 'Z', 'x')
      .record('0', 'W', 'nobody', '0', '0')
      .record('0', 'E', 'nobody')
      .record('0', 'L', 'x', 'no make');
    rig.record('0', 'X', 'no make', '0').record('0', 'P', 'nobody', '1').record('0', 'S', 'nobody', '0', '-');
    rig.write('0', '\x1e0000000000000000E:a\x1f\n').poll();
    assert.equal(rig.log(0), '\x1e0000000000000000E:a\x1f\n');
    assert.deepEqual(
      rig.events.map(({ e }) => e),
      ['build', 'out'],
    );
  }));

test('the end: every job is ended, held text is in the logs, and slots still held open are handed over', () =>
  withRig((rig) => {
    rig.make('m').launch('a', '1', 'a', ['a']).begin('a', '1').write('1', 'A').poll();
    rig.write('0', 'kept back\n').close('0');
    const left = rig.recorder.finish({ signal: 9 });
    assert.equal(rig.log(0), 'kept back\n');
    assert.deepEqual(
      left.map(({ job }) => job),
      [1],
    );
    assert.deepEqual(
      rig.of('end').map(({ j, status }) => [j, status]),
      [
        [1, undefined],
        [0, { signal: 9 }],
      ],
    );
    assert.equal(rig.of('toolend').length, 1);
  }));

/**
 * Announces a nested loglin: makes its shim's FIFOs, writes its record, and opens its reply FIFO for reading.
 */
function nested(
  rig: Rig,
  id: string,
  name: string,
  options: { place?: string; once?: boolean; from?: string; reaper?: string } = {},
): number {
  const { place = '0/-', once = false, from = '0' } = options;
  const reply = rig.workspace.path(`${id}.reply`);
  assert.equal(spawnSync('mkfifo', [rig.workspace.slot(id), reply]).status, 0);
  const fd = fs.openSync(reply, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  rig.record(
    from,
    'N',
    id,
    place,
    name,
    '11',
    once ? '1' : '',
    '',
    '/project',
    String(process.pid),
    options.reaper ?? '',
    'cmd',
    'arg',
  );
  return fd;
}

function answer(fd: number): string {
  const buffer = Buffer.alloc(100);
  try {
    return buffer.toString('utf8', 0, fs.readSync(fd, buffer)).trim();
  } catch {
    return '';
  }
}

test('a nested loglin: a job at its place, told to run, ended by its own record', () =>
  withRig(async (rig) => {
    rig.write('0', 'before\n');
    const fd = nested(rig, 'n1', 'NAME');
    await rig.until(() => rig.of('start').length === 1);
    assert.equal(answer(fd), 'run');
    rig
      .begin('n1', 'n1')
      .write('n1', 'text\n')
      .record('n1', 'Q', 'n1', '3')
      .close('n1')
      .write('0', 'after\n')
      .poll();
    assert.equal(rig.log('NAME'), 'text\n');
    assert.equal(rig.log(0), 'before\nafter\n');
    assert.equal(rig.of('start')[0]?.at, 7);
    assert.deepEqual(rig.of('end')[0]?.status, { exit: 3 });
    rig.poll();
    assert.ok(!fs.existsSync(rig.workspace.slot('n1')), 'its slot is removed');
    fs.closeSync(fd);
  }));

test('--once: the second waits, links to the first at its place, and gets its status', () =>
  withRig(async (rig) => {
    const first = nested(rig, 'n1', 'Q', { once: true });
    await rig.until(() => rig.of('start').length === 1);
    assert.equal(answer(first), 'run');
    const second = nested(rig, 'n2', 'Q', { once: true });
    await rig.until(() => rig.of('link').length === 1);
    assert.equal(answer(second), '');
    rig.begin('n1', 'n1').write('n1', 'building\n').record('n1', 'Q', 'n1', '4').poll();
    await rig.until(() => !fs.existsSync(rig.workspace.path('n2.reply')));
    assert.equal(answer(second), 'ended 4');
    const third = nested(rig, 'n3', 'Q', { once: true });
    await rig.until(() => rig.of('link').length === 2);
    assert.equal(answer(third), 'ended 4', 'it has ended already');
    assert.equal(rig.of('start').length, 1);
    for (const fd of [first, second, third]) fs.closeSync(fd);
  }));

test('--once: a job that would wait for itself is a cycle', () =>
  withRig(async (rig) => {
    const a = nested(rig, 'n1', 'A', { once: true });
    await rig.until(() => rig.of('start').length === 1);
    rig.begin('n1', 'n1').poll();
    const b = nested(rig, 'n2', 'B', { once: true, place: 'n1/n1', from: 'n1' });
    await rig.until(() => rig.of('start').length === 2);
    rig.begin('n2', 'n2').poll();
    const again = nested(rig, 'n3', 'A', { once: true, place: 'n2/n2', from: 'n2' });
    await rig.until(() => !fs.existsSync(rig.workspace.path('n3.reply')));
    assert.equal(answer(again), 'cycle A');
    for (const fd of [a, b, again]) fs.closeSync(fd);
  }));

test('loglin link NAME: a link to what ran, a need where nothing did', () =>
  withRig(async (rig) => {
    const fd = nested(rig, 'n1', 'A');
    await rig.until(() => rig.of('start').length === 1);
    rig.record('0', 'K', '0/-', 'A').record('0', 'K', '0/-', 'B').poll();
    assert.equal(rig.of('link')[0]?.j, 1);
    assert.equal(rig.of('need')[0]?.name, 'B');
    fs.closeSync(fd);
  }));

test('a nested loglin that was killed ends when nobody can write to its slot any more', () =>
  withRig(async (rig) => {
    const fd = nested(rig, 'n1', 'A');
    await rig.until(() => rig.of('start').length === 1);
    rig.begin('n1', 'n1').write('n1', 'half').poll();
    assert.equal(rig.of('end').length, 0);
    rig.close('n1').poll().poll();
    const [end] = rig.of('end');
    assert.deepEqual([end?.status, end?.size], [undefined, 4]);
    fs.closeSync(fd);
  }));

test('--once of what runs or ran without --once links to that', () =>
  withRig(async (rig) => {
    const first = nested(rig, 'n1', 'GEN');
    await rig.until(() => rig.of('start').length === 1);
    const second = nested(rig, 'n2', 'GEN', { once: true });
    await rig.until(() => rig.of('link').length === 1);
    assert.equal(answer(second), '');
    rig.begin('n1', 'n1').record('n1', 'Q', 'n1', '0').poll();
    await rig.until(() => !fs.existsSync(rig.workspace.path('n2.reply')));
    assert.equal(answer(second), 'ended 0');
    assert.equal(rig.of('start').length, 1);
    for (const fd of [first, second]) fs.closeSync(fd);
  }));

test('a job whose end another process reports waits for that after the end of its output', () =>
  withRig(async (rig) => {
    const fd = nested(rig, 'n1', 'A', { reaper: String(process.pid) });
    await rig.until(() => rig.of('start').length === 1);
    rig.begin('n1', 'n1').write('n1', 'said\n').close('n1').poll().poll();
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      rig.poll();
    }
    assert.equal(rig.of('end').length, 0, 'this process lives');
    rig.open('-').record('-', 'R', 'n1', '3', wireTime(5), '1', '2', '3').poll().poll();
    assert.deepEqual(rig.of('end')[0]?.status, { exit: 3 });
    assert.ok(!fs.existsSync(rig.workspace.slot('n1')), 'its slot is removed');
    fs.closeSync(fd);
  }));

test('if that process is gone without a report, the job has ended, with an unknown status', () =>
  withRig(async (rig) => {
    const { pid } = spawnSync('true');
    const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const fds = [
      nested(rig, 'n1', 'A', { reaper: String(sleeper.pid) }),
      // It is in another PID namespace, so no process here has its number. The end of the parent job has to
      // do.
      nested(rig, 'n2', 'B', { reaper: String(pid) }),
    ];
    await rig.until(() => rig.of('start').length === 2);
    for (const id of ['n1', 'n2']) rig.begin(id, id).close(id);
    rig.poll().poll();
    assert.equal(rig.of('end').length, 0);
    sleeper.kill('SIGKILL');
    await rig.until(() => rig.of('end').length === 1);
    assert.equal(rig.of('end')[0]?.status, undefined);
    assert.equal(rig.build.jobs[2]?.ended, undefined);
    for (const fd of fds) fs.closeSync(fd);
  }));

test('forged names lead nowhere: nothing outside is opened, removed or waited for', () =>
  withRig(async (rig) => {
    const outside = `${rig.workspace.folder}.outside`;
    fs.writeFileSync(outside, 'mine');
    try {
      const base = path.basename(outside);
      assert.equal(spawnSync('mkfifo', [rig.workspace.path('r.hang'), rig.workspace.slot('n7')]).status, 0);
      fs.symlinkSync(outside, rig.workspace.path('r.link'));
      fs.symlinkSync(outside, rig.workspace.slot('n8'));
      const names = ['r.hang', 'r.link', `../${base}`, outside, 'ctl', 's', '.', '', '\0', 'x'.repeat(300)];
      for (const name of names)
        for (const kind of ['N', 'L', 'l', 'K', 'C', 'e'])
          rig.write('0', `\x1e${rig.workspace.nonce}${kind}@${name}\x1f`).poll();
      for (const id of [`../../${base}`, `../${base}`, 'n8', 'n9', '1', '0', '', 'n1/../n2', 'free'])
        rig
          .record('0', 'N', id, '0/-', 'forged', '11', '', 'turbo x', '/', '1', '', 'cmd')
          .record('0', 'N', id, '0/-', 'forged', '00', '1', '', '/', 'x', '1', 'cmd')
          .record('0', 'C', id, '0/root', '1', '0', '/', 'p', '/', '', '', '', '', '--crate-name', 'x')
          .poll();
      rig.make('m');
      for (const graph of [`../${base}`, 'r.hang', 'r.link', outside])
        rig
          .record('0', 'X', 'm', '0', wireTime(9), graph, '/project')
          .record('0', 'G', '/project', 'all', graph)
          .poll();
      // The recorder still works.
      const fd = nested(rig, 'n1', 'A');
      await rig.until(() => rig.build.jobs.some(({ name }) => name === 'A'));
      assert.equal(answer(fd), 'run');
      fs.closeSync(fd);
      assert.equal(fs.readFileSync(outside, 'utf8'), 'mine');
    } finally {
      fs.rmSync(outside);
    }
  }));

test('more slots are made when half of them are taken', () =>
  withRig((rig) => {
    rig.make('m');
    for (let i = 1; i <= 40; i++)
      rig
        .launch(`j${i}`, String(i), `t${i}`, ['x'])
        .begin(`j${i}`, String(i))
        .write(String(i), `${i}\n`)
        .poll();
    assert.ok(fs.existsSync(rig.workspace.slot('128')));
    for (let i = 1; i <= 40; i++) assert.equal(rig.log(`sub/t${i}`), `${i}\n`);
  }));

test('without room for more slots, the existing ones have to do', () =>
  withRig((rig) => {
    let asked = 0;
    rig.workspace.makeFifos = () => {
      asked++;
      throw new Failure('mkfifo: no space left on device');
    };
    rig.make('m');
    for (let i = 1; i <= CAPACITY.firstSlots; i++)
      rig
        .launch(`j${i}`, String(i), `t${i}`, ['x'])
        .begin(`j${i}`, String(i))
        .write(String(i), `${i}\n`)
        .poll();
    assert.equal(asked, 1);
    for (let i = 1; i <= CAPACITY.firstSlots; i++) assert.equal(rig.log(`sub/t${i}`), `${i}\n`);
  }));

test("what go test prints last is its package's, also if go ends just after its slot was read", () =>
  withRig(async (rig) => {
    rig.make('m').launch('g', '1', 'tests', ['x']).begin('g', '1');
    rig.launch('j', '2', 'other', ['x']).begin('j', '2').poll();
    const go = spawn('sleep', ['60']);
    const pid = go.pid ?? 0;
    rig.record('1', 'o', '1/g', String(pid), wireTime(3), '/project', 'go', 'test', './...').poll();
    const { logs } = rig;
    const append = logs.append.bind(logs);
    // While the other slot is read, which comes after that of go.
    logs.append = (job, bytes) => {
      if (bytes.toString() === 'now\n') {
        rig.write('1', 'ok  \texample.org/a\t0.01s\n');
        go.kill('SIGKILL');
        while (liveness({ pid }) !== 'gone');
      }
      return append(job, bytes);
    };
    // So that it is due to check whether go still runs.
    await new Promise((resolve) => setTimeout(resolve, 100));
    rig.write('2', 'now\n');
    await rig.until(() =>
      rig.build.jobs.some(({ name, ended }) => name === 'example.org/a' && ended !== undefined),
    );
    assert.equal(rig.log('example.org/a'), 'ok  \texample.org/a\t0.01s\n');
  }));
