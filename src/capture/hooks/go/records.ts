// Turns what `go test` prints into jobs, one a package. go cannot be looked into: it makes its system calls
// itself.

import { type GoModule, folderOf } from '../../gomodule.ts';
import type { Job, Step, Writer } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import type { Fields } from '../../wire.ts';
import { type ProcessMark, liveness, startTicks } from '../../../store/running.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { isGoTest, moduleAround, onlyPackage, printsEvents } from './commandline.ts';
import { GoTestOutput, type Said } from './output.ts';

/** How long text waits for the result that says whose it is, in milliseconds. */
const WAIT_MS = 1000;
/** The interval at which it is checked that go still runs. */
const LOOK_MS = 50;

/** A go test that runs. */
interface GoTest {
  readonly job: Job;
  readonly slot: Slot;
  readonly output: GoTestOutput;
  /** Events are printed: they stay in the log around, and the packages' text is in their jobs' logs, too. */
  readonly events: boolean;
  readonly module: GoModule | undefined;
  readonly started: number;
  /** Undefined if only the end of its step tells that it has ended. */
  readonly process: ProcessMark | undefined;
  readonly packages: Map<string, Job>;
  waitsSince: number;
}

export class GoRecords implements Hook {
  readonly handlers: Handlers = { o: (record, slot) => this.#announced(record, slot) };
  readonly #recording: Recording;
  readonly #running = new Map<Slot, GoTest>();
  #looked = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  #announced({ place, pid, time, cwd, argv }: Fields<'o'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    const ticks = startTicks(Number(pid));
    const process = ticks === undefined ? undefined : { pid: Number(pid), ticks };
    if (slot) this.#start(jobs.byPlace(place), slot, { argv, cwd, t: jobs.time(time) }, process);
  }

  /** make starts a go without a shell: its step says so. */
  stepBegun(job: Job, { argv, t }: Step): void {
    const slot = this.#recording.slots.ofJob(job);
    const before = slot && this.#running.get(slot);
    if (before) this.#end(before);
    if (slot && job.instance !== undefined && isGoTest(argv)) this.#start(job, slot, { argv, cwd: '', t });
  }

  #start(
    job: Job,
    slot: Slot,
    { argv, cwd, t }: { readonly argv: readonly string[]; readonly cwd: string; readonly t: number },
    process?: ProcessMark,
  ): void {
    const { jobs, flush } = this.#recording;
    flush(slot);
    const before = this.#running.get(slot);
    if (before) this.#end(before);
    const test: GoTest = {
      job,
      slot,
      output: new GoTestOutput(printsEvents(argv) ? undefined : onlyPackage(argv, cwd)),
      events: printsEvents(argv),
      module: moduleAround(cwd, (folder) => jobs.relative(folder)),
      started: t,
      process,
      packages: new Map(),
      waitsSince: 0,
    };
    this.#running.set(slot, test);
    slot.holders.add(test);
  }

  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    const test = this.#running.get(slot);
    if (!test || by) return text;
    const waited = test.output.waits;
    this.#take(test, test.output.push(text));
    if (!waited) test.waitsSince = Date.now();
    return test.events ? text : Buffer.alloc(0);
  }

  poll(): void {
    const now = Date.now();
    const looks = now - this.#looked >= LOOK_MS;
    if (looks) this.#looked = now;
    for (const test of this.#running.values()) {
      if (test.slot.heldBytes > 0) continue;
      if (looks && test.process && liveness(test.process) === 'gone') this.#endGone(test);
      else if (test.output.waits && now - test.waitsSince > WAIT_MS) this.#take(test, test.output.flush());
    }
  }

  jobEnded(job: Job): void {
    for (const test of this.#running.values()) if (test.job === job) this.#end(test);
  }

  finish(): void {
    for (const test of this.#running.values()) this.#end(test);
  }

  /** go has ended: its last text may have come since the slot was read. */
  #endGone(test: GoTest): void {
    test.slot.read(true);
    // The next one may have been announced there.
    if (this.#running.get(test.slot) === test) this.#end(test);
  }

  #end(test: GoTest): void {
    this.#recording.flush(test.slot);
    this.#take(test, test.output.flush());
    this.#running.delete(test.slot);
    test.slot.holders.delete(test);
    for (const job of test.packages.values()) this.#recording.jobs.end(job);
  }

  #take(test: GoTest, said: readonly Said[]): void {
    const { jobs } = this.#recording;
    for (const one of said) {
      if (one.kind === 'result') this.#ended(test, one);
      else if (one.kind === 'output') jobs.append(this.#jobOf(test, one.name, said), one.text);
      // With events, all of it is in the log around.
      else if (!test.events) jobs.append(test.job, one.text);
    }
  }

  /** @param said if its result is there already, it has begun so much earlier. */
  #jobOf(test: GoTest, name: string, said: readonly Said[]): Job {
    const known = test.packages.get(name);
    if (known && !known.ended) return known;
    const { jobs } = this.#recording;
    const result = said.find((one) => one.kind === 'result' && one.name === name);
    const seconds = result?.kind === 'result' ? (result.seconds ?? 0) : 0;
    const t = Math.max(test.started, Math.round(jobs.now() - seconds * 1000));
    const toPipe = test.events ? { streams: 'all' as const, isKept: true } : undefined;
    const folder = folderOf(test.module, name);
    const job = jobs.start({
      name,
      target: name,
      parent: test.job,
      t,
      redirected: test.events,
      toPipe,
      folder,
    });
    test.packages.set(name, job);
    return job;
  }

  #ended(test: GoTest, { name, outcome }: Extract<Said, { kind: 'result' }>): void {
    const { jobs } = this.#recording;
    const job = this.#jobOf(test, name, []);
    jobs.setStatus(job, { exit: outcome === 'failed' ? 1 : 0 }, jobs.now());
    jobs.end(job, outcome === 'none' ? 'skipped' : undefined);
  }
}
