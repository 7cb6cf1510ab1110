// The processes of a build tool that launch jobs and write into a job's log, as the hooks of make and ninja keep them: found by their id on
// the wire, by the job that they run in, and by the slot that they write into. Knows no tool.

import { type Lineage, lineageText, parseLineage } from '../../model/birth.ts';
import type { ByteOffset, InstanceId } from '../../model/ids.ts';
import type { Job, Speaker } from '../jobs.ts';
import type { Slot } from '../slots.ts';
import type { Recording } from './hook.ts';
import { joinSlot, tellSaid } from './said.ts';

/** What is known of a process when it starts. */
export interface InstanceStart {
  readonly tool: string;
  /** Its LOGLIN_JOB. */
  readonly place: string;
  readonly argv: readonly string[];
  /** Where it works; left out: not known yet. */
  readonly cwd?: string;
  /** When it started, as the wire has it. */
  readonly time: string;
  /** Its lineage, as the wire has it; empty: not known. */
  readonly born: string;
  /** Where its own text and its records go. */
  readonly talk: Slot | undefined;
  /** Its stdout goes into a pipe. */
  readonly piped: boolean;
}

export class ToolInstance implements Speaker {
  /** Undefined until it is told of: it has launched a job, has ended with nothing to do, or has spoken beside another. */
  id: InstanceId | undefined;
  cwd: string;
  readonly argv: readonly string[];
  readonly job: Job;
  readonly talk: Slot | undefined;
  readonly piped: boolean;
  readonly born: Lineage | undefined;
  readonly said: [number, number][] = [];
  beside = false;
  ended = false;
  /** Where in the job's log it began. */
  at: number;
  /** Where it was and how it ended. */
  left: { readonly cwd: string; readonly exit: number | undefined } | undefined;
  readonly #recording: Recording;
  readonly #tool: string;
  readonly #started: number;

  constructor(recording: Recording, start: InstanceStart) {
    const { tool, place, argv, cwd = '', time, born, talk, piped } = start;
    this.#recording = recording;
    this.#tool = tool;
    this.#started = recording.jobs.time(time);
    this.job = recording.jobs.at(place);
    this.at = this.job.size;
    this.cwd = cwd;
    this.argv = argv;
    this.born = parseLineage(born);
    this.talk = talk;
    this.piped = piped;
  }

  /** Tells of it, unless that has been done. @param cwd where its targets are. */
  tell(cwd: string): InstanceId {
    if (this.id !== undefined) return this.id;
    const { jobs } = this.#recording;
    const i = jobs.newInstance();
    this.id = i;
    this.cwd = cwd;
    jobs.tell({
      e: 'tool',
      t: this.#started,
      i,
      tool: this.#tool,
      j: this.job.id,
      cwd: jobs.relative(cwd),
      argv: this.argv,
      at: this.at as ByteOffset,
      ...(this.piped ? { piped: true as const } : {}),
      ...(this.born ? { born: lineageText(this.born) } : {}),
    });
    return i;
  }

  /** It has launched nothing; what it said has to be told of all the same. */
  introduce(): InstanceId {
    const i = this.tell([this.cwd, this.left?.cwd].find(Boolean) ?? process.cwd());
    if (this.ended) this.tellEnd(this.left?.exit);
    return i;
  }

  /** Tells of its end, if it was told of. */
  tellEnd(exit: number | undefined, t = this.#recording.jobs.now(), keepGoing?: boolean): void {
    if (this.id === undefined) return;
    this.#recording.jobs.tell({
      e: 'toolend',
      t,
      i: this.id,
      ...(exit === undefined ? {} : { exit }),
      ...(keepGoing === undefined ? {} : { keepGoing }),
    });
  }
}

export class Instances<T extends ToolInstance> {
  readonly #recording: Recording;
  readonly #byWire = new Map<string, T>();
  /** Those that run in a job, and those that write into a slot; the latter only while they run. */
  readonly #ofJob = new Map<Job, T[]>();
  readonly #inSlot = new Map<Slot, Set<T>>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  add(wire: string, instance: T): void {
    const { job, talk } = instance;
    this.#byWire.set(wire, instance);
    const siblings = this.#ofJob.get(job);
    if (siblings) siblings.push(instance);
    else this.#ofJob.set(job, [instance]);
    if (!talk) return;
    const speakers = this.#inSlot.get(talk) ?? new Set();
    this.#inSlot.set(talk, speakers.add(instance));
    joinSlot(this.#recording, talk, instance);
  }

  /** One that is there gets another id on the wire. */
  rename(wire: string, instance: T): void {
    this.#byWire.set(wire, instance);
  }

  get(wire: string): T | undefined {
    return this.#byWire.get(wire);
  }

  all(): Iterable<T> {
    return this.#byWire.values();
  }

  /** Those that run in a job, which has ended: they are not asked for again. */
  takeOf(job: Job): readonly T[] {
    const instances = this.#ofJob.get(job) ?? [];
    this.#ofJob.delete(job);
    return instances;
  }

  /** Those that write into a slot, in the order in which they came. */
  inSlot(slot: Slot): readonly T[] {
    return [...(this.#inSlot.get(slot) ?? [])];
  }

  /** It has ended: tells what it said beside others, and has it speak no more. */
  leave(instance: T): void {
    const { talk } = instance;
    tellSaid(this.#recording, instance);
    instance.ended = true;
    if (!talk) return;
    talk.speakers.delete(instance);
    const speakers = this.#inSlot.get(talk);
    if (speakers?.delete(instance) && speakers.size === 0) this.#inSlot.delete(talk);
  }
}
