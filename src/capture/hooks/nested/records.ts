// What the shim of a nested loglin tells (shim.sh), made into jobs. N: a loglin wants to run a command as a job; Q: how that ended;
// R: the same, from the capture library in the process that started it; K: `loglin link`. The shim of N waits for an answer on a FIFO
// of its own.

import fs from 'node:fs';
import { type Lineage, byBirth, lineageText } from '../../../model/birth.ts';
import type { Status } from '../../../model/events.ts';
import { type ProcessMark, liveness, startTicks } from '../../../store/running.ts';
import { type Job, here, shellStatusOf } from '../../jobs.ts';
import type { WireRecord } from '../../protocol.ts';
import type { Slot } from '../../slots.ts';
import type { Hook, Recording } from '../hook.ts';
import { launchFromSlot } from '../said.ts';
import { endTold } from '../told.ts';
import { lineage, olderSiblingsComing } from './births.ts';

/** A nested loglin waits at most this long for one that its script may have started before it; and for one that it has. */
const SETTLE_MS = 100;
const SETTLE_SURELY_MS = 10_000;
const LONGEST_NAME = 200;
/** As the shim names its job. */
const ID = /^n\d{1,20}x{0,20}$/;

/** How often it is looked whether a process is still there that is to tell of a job's end. */
const LOOK_MS = 50;

/** The process that started a job's command, and has the capture library, which tells how that ended. */
interface Reaper {
  /** Undefined where it cannot be seen: then the end of the job around it has to do. */
  readonly mark: ProcessMark | undefined;
  /** It has ended; what it has told is read in the next round. */
  gone: boolean;
}

/** One that waits for another that was forked before it. */
interface Coming {
  readonly fields: readonly string[];
  readonly line: Lineage;
  readonly since: number;
}

export class NestedRecords implements Hook {
  readonly kinds = 'NQRK';
  readonly #recording: Recording;
  readonly #coming = new Map<Slot, Coming[]>();
  /** The processes of nested loglins, and those between them and us. */
  readonly #announced = new Set<number>();
  /** What ran or runs here, by name: what --once of that name links to. */
  readonly #named = new Map<string, Job>();
  /** The jobs whose loglin --once waits for a job, with the FIFOs to answer on; and the other way round. */
  readonly #waiters = new Map<Job, { job: Job; reply: string }[]>();
  readonly #waitsFor = new Map<Job, Job>();
  readonly #replies: { file: string; text: string }[] = [];
  readonly #reapers = new Map<Job, Reaper>();
  #looked = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  record({ kind, fields }: WireRecord, slot: Slot | undefined): undefined {
    if (kind === 'N') this.#comes(fields, slot);
    else if (kind === 'Q') this.#ended(fields);
    else if (kind === 'R') this.#reaped(fields);
    else this.#needLinked(fields, slot);
  }

  beforeText(slot: Slot): void {
    this.#settle(slot, true);
  }

  poll(): void {
    for (const slot of this.#coming.keys()) this.#settle(slot, false);
    this.#answer();
    this.#lookForReapers();
  }

  /** A job whose reaper has ended without a word, as one that was killed, has ended too. */
  #lookForReapers(): void {
    if (this.#reapers.size === 0 || Date.now() - this.#looked < LOOK_MS) return;
    this.#looked = Date.now();
    for (const [job, reaper] of this.#reapers) {
      if (reaper.gone) job.reported = false;
      reaper.gone ||=
        job.parent?.ended === true || (reaper.mark !== undefined && liveness(reaper.mark) === 'gone');
      if (job.reported) continue;
      this.#reapers.delete(job);
      const own = this.#recording.slots.of(job);
      if (!own) this.#recording.jobs.end(job);
      else this.#recording.release(own);
    }
  }

  jobEnded(job: Job): void {
    this.#reapers.delete(job);
    for (const waiter of this.#waiters.get(job) ?? []) {
      this.#waitsFor.delete(waiter.job);
      this.#reply(waiter.reply, `ended ${shellStatus(job.status)}`);
    }
    this.#waiters.delete(job);
  }

  /** Launches count in the order in which the script made them, as far as the process table tells. */
  #comes(fields: readonly string[], slot: Slot | undefined): void {
    const line = lineage(Number(fields[6]), process.pid);
    for (const [, pid] of line) this.#announced.add(pid);
    if (!slot) {
      this.#start(fields, line, slot);
      return;
    }
    const coming = this.#coming.get(slot) ?? [];
    coming.push({ fields, line, since: Date.now() });
    this.#coming.set(slot, coming);
    this.#settle(slot, false);
  }

  /** Starts those that nothing older is expected before. @param all without waiting any longer. */
  #settle(slot: Slot, all: boolean): void {
    const coming = this.#coming.get(slot);
    if (!coming) return;
    coming.sort((a, b) => byBirth(a.line, b.line));
    for (let first = coming[0]; first; first = coming[0]) {
      if (!all) {
        const waited = Date.now() - first.since;
        const older = waited < SETTLE_SURELY_MS ? olderSiblingsComing(first.line, this.#announced) : 'no';
        if (older === 'surely' || (older === 'perhaps' && waited < SETTLE_MS)) return;
      }
      coming.shift();
      this.#start(first.fields, first.line, slot);
    }
    this.#coming.delete(slot);
  }

  #start(fields: readonly string[], line: Lineage, slot: Slot | undefined): void {
    const { jobs, slots, workspace, flush } = this.#recording;
    const [id = '', place = '', givenName = '', flags = '', once = '', , , reaper = '', ...argv] = fields;
    if (!ID.test(id)) return;
    const parent = jobs.at(place);
    const reply = workspace.path(`${id}.reply`);
    const there = jobs.wire(id);
    if (slots.get(id) || (there && !there.ended)) {
      this.#reply(reply, 'plain');
      return;
    }
    const name = givenName !== '' ? givenName : argv.join(' ').slice(0, LONGEST_NAME);
    if (slot) flush(slot, 'nobody');
    const other = once === '' ? undefined : this.#named.get(name);
    const silent = flags.startsWith('00');
    const own = other || silent ? undefined : slots.open(id, true);
    if (!own) fs.rmSync(workspace.slot(id), { force: true });
    if (!own && !other && !silent) {
      // Nothing more can be opened: its output stays in the parent's log.
      this.#reply(reply, 'plain');
      return;
    }
    if (other) {
      this.#waitFor(other, parent, reply);
      return;
    }
    const t = jobs.now();
    const aside = !flags.startsWith('1');
    const piped = flags[2] === 'p';
    const job = jobs.start({ name, target: name, parent, t, aside, piped, born: lineageText(line) }, id);
    if (slot) launchFromSlot(this.#recording, slot, job, line);
    if (own) slots.use(own, job);
    if (reaper !== '') this.#await(job, Number(reaper));
    this.#named.set(name, job);
    job.announced.set(0, { t, argv });
    jobs.beginStep(job, 0);
    this.#reply(reply, 'run');
  }

  #await(job: Job, pid: number): void {
    const ticks = startTicks(pid);
    job.reported = true;
    this.#reapers.set(job, { mark: ticks === undefined ? undefined : { pid, ticks }, gone: false });
  }

  /** A loglin --once of a name that ran or runs: it links to that job and gets its status, once there is one. */
  #waitFor(job: Job, parent: Job, reply: string): void {
    const { jobs } = this.#recording;
    if (this.#leadsTo(job, parent)) {
      this.#reply(reply, `cycle ${job.name}`);
      return;
    }
    jobs.tell({ e: 'link', t: jobs.now(), ...here(parent), j: job.id });
    if (job.ended) {
      this.#reply(reply, `ended ${shellStatus(job.status)}`);
      return;
    }
    this.#waitsFor.set(parent, job);
    const waiters = this.#waiters.get(job) ?? [];
    waiters.push({ job: parent, reply });
    this.#waiters.set(job, waiters);
  }

  #ended([id = '', code = '']: readonly string[]): void {
    const { jobs, slots, flush } = this.#recording;
    const job = jobs.wire(id);
    if (!job || job.ended) return;
    const status = shellStatusOf(code);
    if (status) jobs.exited(job, { status, t: jobs.now() });
    const own = slots.of(job);
    if (own) flush(own);
    jobs.end(job);
  }

  #reaped([id = '', ...end]: readonly string[]): void {
    const job = this.#recording.jobs.wire(id);
    if (job && !job.ended) endTold(this.#recording, job, end);
  }

  #needLinked([place = '', name = '']: readonly string[], slot: Slot | undefined): void {
    const { jobs, flush } = this.#recording;
    if (slot) this.#settle(slot, true);
    if (slot) flush(slot, 'nobody');
    const parent = jobs.at(place);
    const ran = jobs.named(name);
    if (ran) jobs.tell({ e: 'link', t: jobs.now(), ...here(parent), j: ran.id });
    else jobs.tell({ e: 'need', t: jobs.now(), ...here(parent), name });
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

  #reply(file: string, text: string): void {
    this.#replies.push({ file, text });
    this.#answer();
  }

  /** Answers shims; one that has not opened its FIFO yet is answered in the next round. */
  #answer(): void {
    for (let i = this.#replies.length - 1; i >= 0; i--) {
      const { file, text } = this.#replies[i]!;
      try {
        answer(file, text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENXIO') continue;
      }
      this.#replies.splice(i, 1);
    }
  }
}

/** A status as a shell's `$?` has it. */
function shellStatus(status: Status | undefined): number {
  if (!status) return 1;
  return 'exit' in status ? status.exit : 128 + status.signal;
}

/** Writes into a FIFO that somebody reads, and removes it. @throws ENXIO where nobody reads it yet. */
function answer(fifo: string, text: string): void {
  const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  const fd = fs.openSync(fifo, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    if (fs.fstatSync(fd).isFIFO()) fs.writeSync(fd, `${text}\n`);
  } finally {
    fs.closeSync(fd);
    fs.unlinkSync(fifo);
  }
}
