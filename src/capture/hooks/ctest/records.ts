// Turns the records of ctest (library/ctest.c, wire.ts) into jobs, with the names and verdicts that ctest
// prints. Knows how ctest works, not how slots and logs do.

import type { Job, Writer } from '../../jobs.ts';
import { here, isBad } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import { type Fields, statusOf } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { type InstanceStart, Instances, ToolInstance } from '../instances.ts';
import { beginAtMark } from '../marks.ts';
import type { PipeStart } from '../../pipereaders.ts';
import { type TestLine, TestLines, type Verdict } from './output.ts';

/** A test that is over ends when ctest says what it thinks of it, but at most this long after, in ms. */
const SETTLE_MS = 500;
const LONGEST_COMMAND = 200;
/** Options with which ctest may print what tests have printed; a preset may have them. */
const PRINTS_OUTPUT = /^(?:-VV?|--verbose|--extra-verbose|--output-on-failure|--debug|--preset.*|-[SDTM].*)$/;

interface KnownTest {
  readonly number: number;
  readonly job: Job;
  /** The tests whose failure is why it was not run. */
  needs: readonly string[];
}

class CtestInstance extends ToolInstance {
  readonly lines = new TestLines();
  readonly toPipe: PipeStart;
  /** The test that is about to start, as ctest has just said. */
  starting: TestLine | undefined;
  /** The running tests, by their numbers. */
  readonly tests = new Map<number, Job>();
  /** All tests by their targets, with their last jobs. */
  readonly all = new Map<string, KnownTest>();

  constructor(recording: Recording, start: Omit<InstanceStart, 'tool' | 'piped'>, flags: string) {
    super(recording, { ...start, tool: 'ctest', piped: flags[2] === 'p' });
    const prints = flags[3] === '1' || start.argv.some((word) => PRINTS_OUTPUT.test(word));
    this.toPipe = { streams: 'all', isRunners: true, isKept: !prints };
  }
}

export class CtestRecords implements Hook {
  readonly handlers: Handlers = {
    c: (record, slot) => this.#started(record, slot),
    t: (record, slot) => this.#launched(record, slot),
    u: (record, slot) => beginAtMark(this.#recording, record, slot),
    q: (record, slot) => this.#reaped(record, slot),
    i: (record, slot) => this.#read(record, slot),
    z: (record, slot) => this.#exited(record, slot),
  };
  readonly #recording: Recording;
  readonly #instances: Instances<CtestInstance>;
  /** Tests that were reaped, or that ctest has read to the end. */
  readonly #half = new Set<Job>();
  /** Tests of which both is true, with the time at which they end in any case. */
  readonly #settling = new Map<Job, number>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#instances = new Instances(recording);
  }

  /** Reads ctest's own text, which stays in the log. */
  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    if (by) return text;
    // Of several in one log nobody knows which has printed a line.
    const [only, other] = this.#instances.inSlot(slot);
    if (!only || other) return text;
    // What ctest prints again is in the tests' slots already.
    for (const job of only.tests.values()) this.#recording.slots.ofJob(job)?.read(true);
    for (const line of only.lines.push(text)) this.#noteLine(only, line);
    return text;
  }

  poll(): void {
    if (this.#settling.size === 0) return;
    const now = Date.now();
    for (const [job, until] of this.#settling) if (now >= until) this.#end(job);
  }

  jobEnded(job: Job): void {
    for (const instance of this.#instances.takeOf(job)) this.#endInstance(instance, undefined);
  }

  finish(): void {
    for (const instance of this.#instances.running()) this.#endInstance(instance, undefined);
  }

  // -- ctest ------------------------------------------------------------------------------------------------

  #started({ process, place, flags, time, lineage, argv }: Fields<'c'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    const start = { job: jobs.byPlace(place), t: jobs.time(time), lineage, argv, slot };
    this.#instances.add(process, new CtestInstance(this.#recording, start, flags));
  }

  #exited({ process, exit, time }: Fields<'z'>, slot: Slot | undefined): undefined {
    const { jobs, flush } = this.#recording;
    const instance = this.#instances.get(process);
    if (slot) flush(slot, 'unknown');
    if (instance) this.#endInstance(instance, statusOf(exit, 'exit')?.exit, jobs.time(time));
  }

  #endInstance(instance: CtestInstance, exit: number | undefined, t?: number): void {
    if (instance.ended) return;
    const { jobs } = this.#recording;
    for (const job of instance.tests.values()) this.#end(job);
    if (instance.id !== undefined) {
      const tests = [...instance.all].sort(([, a], [, b]) => a.number - b.number);
      const nodes = tests.map(([name, { needs }]) => ({ name, needs: [...needs], recipe: true }));
      jobs.emitGraph(
        instance.id,
        nodes,
        tests.map(([target]) => target),
      );
    }
    this.#instances.end(instance, exit, t);
  }

  // -- tests ------------------------------------------------------------------------------------------------

  #launched(record: Fields<'t'>, slot: Slot | undefined): undefined {
    const { jobs, slots, flush } = this.#recording;
    const instance = this.#instances.get(record.process);
    if (!instance) return;
    // ctest's line that names it comes first.
    if (slot) flush(slot, 'unknown');
    const { starting } = instance;
    instance.starting = undefined;
    const name = targetOf(starting ?? { name: record.argv.join(' ').slice(0, LONGEST_COMMAND) });
    const t = jobs.time(record.time);
    const job = this.#start(instance, name, starting?.number, t, record.cwd, record.job);
    const jobSlot = record.slot === '-' ? undefined : slots.get(record.slot);
    if (jobSlot) slots.assign(jobSlot, job, []);
    jobs.step(job, { t, argv: record.argv });
  }

  /** @param cwd the folder in which it runs, if it does. */
  #start(
    instance: CtestInstance,
    name: string,
    number: number | undefined,
    t: number,
    cwd: string,
    wireId?: string,
  ): Job {
    const { jobs } = this.#recording;
    const i = instance.emitStart(cwd);
    const start = { name, target: name, parent: instance.job, instance: i, t, redirected: true };
    // ctest prints what it has read from the test only if it was told to.
    const prefix = number === undefined ? undefined : `${number}: `;
    const job = jobs.start({ ...start, toPipe: { ...instance.toPipe, prefix } }, wireId);
    instance.all.set(name, { number: number ?? instance.all.size + 1, job, needs: [] });
    if (number !== undefined) instance.tests.set(number, job);
    return job;
  }

  #reaped(
    { job: wireId, status: text, time, user, sys, peak }: Fields<'q'>,
    slot: Slot | undefined,
  ): undefined {
    const { jobs, flush } = this.#recording;
    const job = jobs.byWireId(wireId);
    const status = statusOf(text);
    if (!job || !status) return;
    if (slot) flush(slot, 'unknown');
    jobs.exited(job, { status, t: jobs.time(time), used: { user, sys, peak } });
    this.#settle(job, wireId);
  }

  #read({ job: wireId }: Fields<'i'>, slot: Slot | undefined): undefined {
    const { jobs, flush } = this.#recording;
    if (slot) flush(slot, 'unknown');
    const job = jobs.byWireId(wireId);
    if (job) this.#settle(job, wireId);
  }

  /** A test was reaped, or has been read to the end. */
  #settle(job: Job, wireId: string): void {
    if (job.ended) return;
    if (!this.#half.delete(job)) {
      this.#half.add(job);
      return;
    }
    const instance = this.#instances.get(wireId.slice(0, wireId.lastIndexOf('.')));
    const isAwaited = instance && [...instance.tests.values()].includes(job);
    if (isAwaited) this.#settling.set(job, Date.now() + SETTLE_MS);
    else this.#end(job);
  }

  #noteLine(instance: CtestInstance, line: TestLine): void {
    const { number, verdict, failedNeeds } = line;
    const { starting } = instance;
    if (failedNeeds !== undefined) {
      if (starting) instance.starting = { ...starting, failedNeeds };
      return;
    }
    instance.starting = verdict === undefined ? line : undefined;
    if (number === undefined || verdict === undefined) return;
    const { jobs } = this.#recording;
    const job =
      instance.tests.get(number) ??
      this.#start(instance, targetOf(line), number, jobs.now(), instance.cwd || process.cwd());
    if (starting?.number === number) this.#noteNeeds(instance, job, starting.failedNeeds);
    if (!job.ended) this.#judge(job, verdict);
    instance.tests.delete(number);
    this.#end(job, verdict === 'skipped' || verdict === 'disabled' ? 'skipped' : undefined);
  }

  /** @param listed the names of the tests whose failure is why it was not run, separated by blanks. */
  #noteNeeds(instance: CtestInstance, job: Job, listed: string | undefined): void {
    const { jobs } = this.#recording;
    const test = instance.all.get(job.target);
    if (listed === undefined || !test) return;
    const needs = [...instance.all].filter(
      // A name may have blanks.
      ([name]) => name !== job.target && ` ${listed} `.includes(` ${name.slice(targetOf({}).length)} `),
    );
    test.needs = needs.map(([name]) => name);
    for (const [, need] of needs) jobs.emit({ e: 'link', t: jobs.now(), ...here(job), j: need.job.id });
  }

  /** Gives a job the status that agrees with the verdict: its own if that does. */
  #judge(job: Job, verdict: Verdict): void {
    const { jobs } = this.#recording;
    const isGood = verdict !== 'failed' && verdict !== 'not run';
    if (job.status === undefined || isBad(job.status) === isGood)
      jobs.setStatus(job, { exit: isGood ? 0 : 1 }, job.statusTime);
  }

  #end(job: Job, as?: 'skipped'): void {
    const { jobs, slots, flush, release } = this.#recording;
    this.#settling.delete(job);
    this.#half.delete(job);
    if (job.ended) return;
    const jobSlot = slots.ofJob(job);
    if (jobSlot) {
      jobSlot.read(true);
      flush(jobSlot);
    }
    jobs.pipes.close(job);
    jobs.end(job, as);
    if (jobSlot) release(jobSlot);
  }
}

function targetOf({ name = '' }: TestLine): string {
  return `test ${name}`;
}
