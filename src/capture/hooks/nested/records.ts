// Turns the records of nested loglins (shim.sh, wire.ts) into jobs. A shim that wants to run a command waits
// for an answer on a FIFO of its own.

import fs from 'node:fs';
import { type Lineage, compareLineages, lineageText } from '../../../model/lineage.ts';
import type { Status } from '../../../model/events.ts';
import { type ProcessMark, liveness, startTicks } from '../../../store/running.ts';
import type { PipedStreams } from '../../copies/pipe.ts';
import { Forward } from '../../forward.ts';
import { type Job, here } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import { type Fields, statusOf } from '../../wire.ts';
import { launchFromSlot } from '../attribution.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { jobAt } from '../marks.ts';
import { Replies } from '../replies.ts';
import { endReported } from '../reportedjobs.ts';
import { Runners } from '../runners/runners.ts';
import { lineageOf, olderSiblingsComing } from './launchorder.ts';

/**
 * The longest that a nested loglin waits for another one that its script may have started before it, and for
 * one that it has surely started.
 */
const SETTLE_MS = 100;
const SETTLE_SURELY_MS = 10_000;
const LONGEST_NAME = 200;
/** The form of the wire ids that shims make. */
const ID = /^n\d{1,20}x{0,20}$/;

/** The interval at which it is checked that the process that reports a job's end still runs. */
const LOOK_MS = 50;

/** The process that started a job's command. The capture library in it reports how the command ended. */
interface Reaper {
  /** Undefined if it cannot be seen: then it counts as ended when the parent job ends. */
  readonly mark: ProcessMark | undefined;
  /** It has ended; its last records are read in the next round. */
  gone: boolean;
}

/** A launch that waits for one that was forked before it. */
interface PendingLaunch {
  /** The record as it came. */
  readonly record: Fields<'N'>;
  readonly lineage: Lineage;
  readonly since: number;
}

export class NestedRecords implements Hook {
  readonly handlers: Handlers = {
    N: (record, slot) => this.#launched(record, slot),
    Q: (record) => this.#ended(record),
    R: (record) => this.#reaped(record),
    K: (record, slot) => this.#needLinked(record, slot),
  };
  readonly #recording: Recording;
  readonly #pending = new Map<Slot, PendingLaunch[]>();
  /** The processes of nested loglins, and those between them and this recorder. */
  readonly #announced = new Set<number>();
  /** The last job of each name: --once of that name links to it. */
  readonly #named = new Map<string, Job>();
  /** The jobs whose loglin --once waits for a job, with the FIFOs to answer on, and the reverse. */
  readonly #waiters = new Map<Job, { job: Job; reply: string }[]>();
  readonly #waitsFor = new Map<Job, Job>();
  readonly #replies = new Replies();
  readonly #runners: Runners;
  readonly #reapers = new Map<Job, Reaper>();
  #looked = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#runners = new Runners(recording);
  }

  beforeText(slot: Slot): void {
    this.#settle(slot, true);
  }

  poll(): void {
    for (const slot of this.#pending.keys()) this.#settle(slot, false);
    this.#replies.poll();
    this.#lookForReapers();
  }

  /** A job has ended too if its reaper has ended without a report, for example because it was killed. */
  #lookForReapers(): void {
    if (this.#reapers.size === 0 || Date.now() - this.#looked < LOOK_MS) return;
    this.#looked = Date.now();
    for (const [job, reaper] of this.#reapers) {
      if (reaper.gone) this.#recording.jobs.setReported(job, false);
      reaper.gone ||=
        job.parent?.ended === true || (reaper.mark !== undefined && liveness(reaper.mark) === 'gone');
      if (job.reported) continue;
      this.#reapers.delete(job);
      const slot = this.#recording.slots.ofJob(job);
      if (!slot) this.#recording.jobs.end(job);
      else this.#recording.release(slot);
    }
  }

  finish(): void {
    this.#runners.finish();
  }

  jobEnded(job: Job): void {
    this.#runners.jobEnded(job);
    this.#reapers.delete(job);
    for (const waiter of this.#waiters.get(job) ?? []) {
      this.#waitsFor.delete(waiter.job);
      this.#replies.send(waiter.reply, `ended ${shellStatus(job.status)}`);
    }
    this.#waiters.delete(job);
  }

  /**
   * Queues a launch. Launches take place in the order in which the script made them, as far as the process
   * table has it.
   */
  #launched(record: Fields<'N'>, slot: Slot | undefined): undefined {
    const lineage = lineageOf(Number(record.pid), process.pid);
    for (const [, pid] of lineage) this.#announced.add(pid);
    const { slots } = this.#recording;
    // One whose output goes into pipes stands where its reader's text does.
    const around = slot ?? (streamsOf(record.flags) && slots.ofJob(jobAt(this.#recording, record.place)));
    if (!around) {
      this.#start(record, lineage, undefined);
      return;
    }
    const pending = this.#pending.get(around) ?? [];
    pending.push({ record, lineage, since: Date.now() });
    this.#pending.set(around, pending);
    this.#settle(around, false);
  }

  /** Starts the launches that need not wait for an older one. @param all without waiting any longer. */
  #settle(slot: Slot, all: boolean): void {
    const pending = this.#pending.get(slot);
    if (!pending) return;
    pending.sort((a, b) => compareLineages(a.lineage, b.lineage));
    for (let first = pending[0]; first; first = pending[0]) {
      if (!all) {
        const waited = Date.now() - first.since;
        const older = waited < SETTLE_SURELY_MS ? olderSiblingsComing(first.lineage, this.#announced) : 'no';
        if (older === 'surely' || (older === 'perhaps' && waited < SETTLE_MS)) return;
      }
      pending.shift();
      this.#start(first.record, first.lineage, slot);
    }
    this.#pending.delete(slot);
  }

  #start(record: Fields<'N'>, lineage: Lineage, streamSlot: Slot | undefined): void {
    const { jobs, slots, workspace, flush } = this.#recording;
    const { job: wireId, flags, once, task, cwd, pid, argv } = record;
    if (!ID.test(wireId)) return;
    const reply = workspace.path(`${wireId}.reply`);
    const known = jobs.byWireId(wireId);
    if (slots.get(wireId) || (known && !known.ended)) {
      this.#replies.send(reply, 'plain');
      return;
    }
    const parent = jobs.byPlace(record.place);
    const name = record.name !== '' ? record.name : argv.join(' ').slice(0, LONGEST_NAME);
    if (streamSlot) flush(streamSlot, 'unknown');
    const other = once === '' ? undefined : this.#named.get(name);
    const silent = flags.startsWith('00');
    const slot = other || silent ? undefined : this.#openSlot(wireId, flags);
    const forwards = slot && this.#openRelays(wireId, flags, slots.ofJob(parent));
    if (!slot) fs.rmSync(workspace.slot(wireId), { force: true });
    if (!slot && !other && !silent) {
      // No more files can be open: its output stays in the parent's log.
      this.#replies.send(reply, 'plain');
    } else if (other) {
      this.#waitFor(other, parent, reply);
    } else {
      const t = jobs.now();
      const redirected = !flags.startsWith('1');
      const streams = streamsOf(flags);
      const piped = flags[2] === 'p';
      const instance = this.#runners.instanceOf({ task, pid, name, cwd, parent, t });
      const start = {
        name,
        target: name,
        parent,
        t,
        instance,
        // The names in its output are not relative to where its runner ran.
        folder: instance === undefined ? undefined : jobs.relative(cwd),
        redirected,
        piped,
        ...(streams && { toPipe: { streams, isRunners: hasSocket(pid) } }),
      };
      const job = jobs.start({ ...start, born: lineageText(lineage) }, wireId);
      if (instance !== undefined) this.#runners.started(job, task);
      if (streamSlot) launchFromSlot(this.#recording, streamSlot, job, lineage);
      if (slot) slots.assign(slot, job, forwards);
      if (streams) this.#recording.forwards.add(job, forwards?.flatMap((forward) => forward ?? []) ?? []);
      if (record.reaper !== '') this.#await(job, Number(record.reaper));
      this.#named.set(name, job);
      jobs.step(job, { t, argv });
      this.#replies.send(reply, 'run');
    }
  }

  /** Opens a job's slot, or the two for its stdout and its stderr. */
  #openSlot(wireId: string, flags: string): Slot | undefined {
    const { slots } = this.#recording;
    const slot = slots.open(wireId, true);
    const second = slot && flags[3] === '2' ? slots.open(`${wireId}e`, true) : undefined;
    if (second) slot?.pair(second);
    return slot;
  }

  /** Opens the relays of a job's streams. @returns what its slots are passed on to. */
  #openRelays(wireId: string, flags: string, around: Slot | undefined): (Forward | undefined)[] {
    const { workspace } = this.#recording;
    const open = (fd: 1 | 2): Forward | undefined =>
      flags[fd - 1] === 'p' ? Forward.openRelay(workspace.path(`${wireId}.${fd}`)) : around?.forwardOf(fd);
    if (flags[3] === '2') return [open(1), open(2)];
    return [open(flags.startsWith('0') ? 2 : 1)];
  }

  #await(job: Job, pid: number): void {
    const ticks = startTicks(pid);
    this.#recording.jobs.setReported(job, true);
    this.#reapers.set(job, { mark: ticks === undefined ? undefined : { pid, ticks }, gone: false });
  }

  /**
   * Handles loglin --once of a name that runs or ran: links to that job, and answers with its status as soon
   * as there is one.
   */
  #waitFor(job: Job, parent: Job, reply: string): void {
    const { jobs } = this.#recording;
    if (this.#leadsTo(job, parent)) {
      this.#replies.send(reply, `cycle ${job.name}`);
      return;
    }
    jobs.emit({ e: 'link', t: jobs.now(), ...here(parent), j: job.id });
    if (job.ended) {
      this.#replies.send(reply, `ended ${shellStatus(job.status)}`);
      return;
    }
    this.#waitsFor.set(parent, job);
    const waiters = this.#waiters.get(job) ?? [];
    waiters.push({ job: parent, reply });
    this.#waiters.set(job, waiters);
  }

  #ended({ job: wireId, status: code }: Fields<'Q'>): undefined {
    const { jobs, slots, flush } = this.#recording;
    const job = jobs.byWireId(wireId);
    if (!job || job.ended) return;
    const status = statusOf(code, 'shell');
    if (status) jobs.exited(job, { status, t: jobs.now() });
    const slot = slots.ofJob(job);
    if (slot) flush(slot);
    jobs.end(job);
  }

  #reaped(record: Fields<'R'>): undefined {
    const { jobs, slots, forwards, workspace } = this.#recording;
    const job = jobs.byWireId(record.job);
    if (!job) return;
    const open = (slots.ofJob(job)?.parts ?? []).flatMap(({ forward }) => forward ?? []);
    if (!job.ended) endReported(this.#recording, job, record, this.#runners.isService(job));
    const reply = workspace.path(`${record.job}.ended`);
    // The process that reports it may wait, to write into the same pipe.
    if (ID.test(record.job) && fs.existsSync(reply))
      forwards.whenWritten(open, () => {
        this.#replies.send(reply, 'ended');
      });
  }

  #needLinked({ place, name }: Fields<'K'>, slot: Slot | undefined): undefined {
    const { jobs, flush } = this.#recording;
    if (slot) this.#settle(slot, true);
    if (slot) flush(slot, 'unknown');
    const parent = jobs.byPlace(place);
    const ran = jobs.byName(name);
    if (ran) jobs.emit({ e: 'link', t: jobs.now(), ...here(parent), j: ran.id });
    else jobs.emit({ e: 'need', t: jobs.now(), ...here(parent), name });
  }

  /** Does the end of `from` wait, through launches and --once, for the end of `to`? */
  #leadsTo(from: Job, to: Job): boolean {
    const running = [...this.#recording.jobs.all()].filter((job) => !job.ended);
    const todo = [from];
    const done = new Set<Job>();
    for (let job = todo.pop(); job; job = todo.pop()) {
      if (job === to) return true;
      if (job.ended || done.has(job)) continue;
      done.add(job);
      const waitsFor = this.#waitsFor.get(job);
      if (waitsFor) todo.push(waitsFor);
      for (const child of running) if (child.parent === job) todo.push(child);
    }
    return false;
  }
}

/** The streams of a job that go into pipes, if any. */
function streamsOf(flags: string): PipedStreams | undefined {
  const [out, err, , two] = flags;
  if (out !== 'p' && err !== 'p') return undefined;
  if (two !== '2') return 'all';
  return out !== 'p' ? 'stderr' : err === 'p' ? 'both' : 'stdout';
}

/** Is a process' stdout or stderr a socket? Node makes them for its children, and no shell does. */
function hasSocket(pid: string): boolean {
  return ['1', '2'].some((fd) => {
    try {
      return fs.statSync(`/proc/${Number(pid)}/fd/${fd}`).isSocket();
    } catch {
      return false;
    }
  });
}

/** A status in the form of a shell's `$?`. */
function shellStatus(status: Status | undefined): number {
  if (!status) return 1;
  return 'exit' in status ? status.exit : 128 + status.signal;
}
