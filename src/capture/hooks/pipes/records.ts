// Turns the records of programs whose output goes into a pipe of the build itself (library/pipes.c, wire.ts)
// into jobs, whose output is passed on to the pipe. Knows no tool.

import { type ChildProcess, spawn } from 'node:child_process';
import { lineageText } from '../../../model/lineage.ts';
import { type ProcessMark, liveness, startTicks } from '../../../store/running.ts';
import type { PipedStreams } from '../../copies/pipe.ts';
import { Forward } from '../../forward.ts';
import type { Job } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import { compiledFile } from '../../package.ts';
import { type Fields, statusOf } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { lineageOf } from '../nested/launchorder.ts';
import { jobAt } from '../marks.ts';
import { Replies } from '../replies.ts';

const LONGEST_NAME = 200;
/** The form of the wire ids that the library makes. */
const ID = /^f\d{1,10}\.[0-9a-f]{1,16}$/;
/** The interval at which it is checked that the programs still run. */
const LOOK_MS = 50;

export class PipeRecords implements Hook {
  readonly handlers: Handlers = {
    f: (record) => this.#started(record),
    y: (record) => this.#ended(record),
    k: () => this.#startRelay(),
  };
  readonly #recording: Recording;
  readonly #replies = new Replies();
  readonly #running = new Map<Job, ProcessMark>();
  /** Jobs whose tool is gone, so that nobody reports the ends of the jobs that it has started. */
  readonly #gone = new Set<Job>();
  #looked = 0;
  #relay: ChildProcess | undefined;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  poll(): void {
    this.#replies.poll();
    this.#lookForKilled();
  }

  /** A program that was killed has reported no end. */
  #lookForKilled(): void {
    if (this.#running.size === 0 && this.#gone.size === 0) return;
    if (Date.now() - this.#looked < LOOK_MS) return;
    this.#looked = Date.now();
    for (const [job, mark] of this.#running) {
      const slot = this.#recording.slots.ofJob(job);
      if (job.ended) this.#running.delete(job);
      else if (liveness(mark) === 'gone' && (!slot || slot.atEnd)) this.#end(job, slot);
    }
    this.#endOrphans();
  }

  /**
   * Ends the jobs whose tool is gone, as soon as nobody writes to their slots: until then the reader of the
   * pipe has no end of file.
   */
  #endOrphans(): void {
    const { jobs, slots, flush, release } = this.#recording;
    if (this.#gone.size === 0) return;
    let left = 0;
    for (const job of jobs.all()) {
      if (job.ended || !job.parent || !this.#gone.has(job.parent)) continue;
      const slot = slots.ofJob(job);
      if (this.#running.has(job) || (slot && !slot.atEnd)) {
        left++;
        continue;
      }
      if (slot) flush(slot);
      this.#gone.add(job);
      jobs.end(job);
      if (slot) release(slot);
    }
    if (left === 0) this.#gone.clear();
  }

  /** Starts the build's relay (launch/relay.c). It ends by itself, after us. */
  #startRelay(): undefined {
    const launcher = compiledFile('loglin-launch');
    if (launcher === undefined || this.#relay?.exitCode === null) return;
    const args = ['relays', this.#recording.workspace.folder];
    this.#relay = spawn(launcher, args, { detached: true, stdio: 'ignore', cwd: '/' });
    // Without a relay, scripts write where they would without us.
    this.#relay.on('error', () => undefined);
    this.#relay.unref();
  }

  #started(record: Fields<'f'>): undefined {
    const { jobs, slots, workspace, flush } = this.#recording;
    const { job: wireId, pid, place, argv } = record;
    if (!ID.test(wireId) || jobs.byWireId(wireId)) return;
    const parent = jobAt(this.#recording, place);
    const reply = workspace.path(`${wireId}.reply`);
    const slot = slots.take(record.slots);
    const forwards = slot && !slot.job ? this.#openPipes(record, slot) : undefined;
    if (!slot || !forwards) {
      if (slot && !slot.job) slots.giveBack(slot);
      this.#replies.send(reply, 'plain');
      return;
    }
    const around = slots.ofJob(parent);
    // The text before it goes first.
    around?.read(true);
    if (around) flush(around, 'unknown');
    const t = jobs.time(record.time);
    const name = argv.join(' ').slice(0, LONGEST_NAME);
    const born = lineageText(lineageOf(Number(pid), process.pid));
    const redirected = !record.kinds.startsWith('s');
    const toPipe = { streams: streamsOf(record.kinds, slot) };
    const job = jobs.start({ name, target: name, parent, t, redirected, toPipe, born }, wireId);
    slots.assign(slot, job, forwards);
    this.#recording.forwards.add(
      job,
      forwards.flatMap((forward) => forward ?? []),
    );
    jobs.step(job, { t, argv });
    const ticks = startTicks(Number(pid));
    if (ticks !== undefined) this.#running.set(job, { pid: Number(pid), ticks });
    this.#replies.send(reply, 'run');
  }

  /**
   * Opens the pipes that the streams of a program go to.
   * @returns one for each part of the slot, undefined for a part that is passed on to nothing; undefined if a
   *   pipe cannot be opened.
   */
  #openPipes(record: Fields<'f'>, slot: Slot): (Forward | undefined)[] | undefined {
    const { jobs, slots } = this.#recording;
    const around = slots.ofJob(jobs.byPlace(record.place));
    const streams = [
      { fd: 1, kind: record.kinds[0], pipe: record.outPipe },
      { fd: 2, kind: record.kinds[1], pipe: record.errPipe },
    ] as const;
    const captured = streams.filter(({ kind }) => kind !== '-').slice(0, slot.parts.length);
    const forwards: (Forward | undefined)[] = [];
    for (const { fd, kind, pipe } of captured) {
      const forward = kind === 's' ? around?.forwardOf(fd) : Forward.open(record.pid, fd, pipe);
      if (kind !== 's' && !forward) {
        for (const opened of forwards) if (opened && !this.#recording.forwards.has(opened)) opened.close();
        return undefined;
      }
      forwards.push(forward);
    }
    return forwards;
  }

  #ended({ job: wireId, status, time }: Fields<'y'>): undefined {
    const { jobs, slots, workspace } = this.#recording;
    const job = jobs.byWireId(wireId);
    if (!job) return;
    const slot = slots.ofJob(job);
    const forwards = (slot?.parts ?? []).flatMap(({ forward }) => forward ?? []);
    slot?.read(true);
    const exit = statusOf(status, 'exit');
    if (exit && !job.ended) jobs.exited(job, { status: exit, t: jobs.time(time) });
    this.#end(job, slot);
    const reply = workspace.path(`${wireId}.ended`);
    this.#recording.forwards.whenWritten(forwards, () => {
      this.#replies.send(reply, 'ended');
    });
  }

  #end(job: Job, slot: Slot | undefined): void {
    const { jobs, flush, release } = this.#recording;
    this.#running.delete(job);
    if (job.ended) return;
    this.#gone.add(job);
    if (slot) flush(slot);
    // The ends of the jobs below were not reported if the reader of the pipe is gone.
    if (slot?.parts.some(({ stream }) => stream.isClosed)) this.#endBelow(job);
    jobs.end(job);
    if (slot) release(slot);
  }

  #endBelow(above: Job): void {
    const { jobs } = this.#recording;
    const below = [...jobs.all()].filter((job) => !job.ended && isBelow(job, above));
    for (const job of below.reverse()) jobs.end(job);
  }
}

/** The streams of a program that go into pipes. */
function streamsOf(kinds: string, slot: Slot): PipedStreams {
  if (!slot.second) return 'all';
  const [out, err] = kinds.split('').map((kind) => kind === 'p' || kind === 't');
  if (out && err) return 'both';
  return out ? 'stdout' : 'stderr';
}

function isBelow(job: Job, above: Job): boolean {
  for (let at = job.parent; at; at = at.parent) if (at === above) return true;
  return false;
}
