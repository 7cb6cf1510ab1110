// Jobs that a tool tells of by itself, through a hook inside it (parallel/LoglinParallel.pm, scons/loglin_scons.py). Knows no tool, only
// the records: one at a start, in the tool's own stream, so that the job is linked at that place; one for each further command, in the
// job's slot; one at the end. A slot may be taken at the start, or by a record of its own just before there is output.

import path from 'node:path';
import type { GraphNode } from '../../model/graph.ts';
import type { InstanceId } from '../../model/ids.ts';
import { type Job, type JobStart, statusOf } from '../jobs.ts';
import type { WireRecord } from '../protocol.ts';
import type { Slot } from '../slots.ts';
import type { Hook, Recording } from './hook.ts';

const LONGEST_NAME = 200;

/** The letters of a tool's records. */
export interface Letters {
  /**
   * id, LOGLIN_JOB, slot or `-`, does stdout go to the log (1 or 0), µs since the epoch, name, command…; of files: the tool's process
   * and its folder, a file's path, the paths of those that it needs…
   */
  readonly start: string;
  /** id, slot */
  readonly slot: string;
  /** id, µs since the epoch, the tool's own line that shows it, command… */
  readonly step: string;
  /** id, exit status or -signal or nothing, µs since the epoch */
  readonly end: string;
}

/** A process of a tool that makes files from files. */
interface Instance {
  readonly id: InstanceId;
  readonly job: Job;
  readonly folder: string;
  readonly nodes: GraphNode[];
}

export class ToldRecords implements Hook {
  readonly kinds: string;
  readonly #recording: Recording;
  readonly #letters: Letters;
  readonly #tool: string | undefined;
  readonly #instances = new Map<string, Instance>();

  /** @param tool its name, where its jobs are files that need each other: the order of the needs is then that of the log. */
  constructor(recording: Recording, letters: Letters, tool?: string) {
    this.kinds = Object.values(letters).join('');
    this.#recording = recording;
    this.#letters = letters;
    this.#tool = tool;
  }

  jobEnded(job: Job): void {
    for (const [pid, instance] of this.#instances) if (instance.job === job) this.#end(pid, instance);
  }

  finish(): void {
    for (const [pid, instance] of this.#instances) this.#end(pid, instance);
  }

  #end(pid: string, { id, nodes }: Instance): void {
    const { jobs } = this.#recording;
    this.#instances.delete(pid);
    jobs.tellGraph(id, nodes, []);
    jobs.tell({ e: 'toolend', t: jobs.now(), i: id });
  }

  record({ kind, fields }: WireRecord, slot: Slot | undefined): undefined {
    const [id = '', ...rest] = fields;
    if (kind === this.#letters.start) {
      this.#starts(id, rest, slot);
      return;
    }
    const { jobs, slots, flush } = this.#recording;
    const job = jobs.wire(id);
    if (!job || job.ended) return;
    if (kind === this.#letters.end) {
      if (slot) flush(slot);
      endTold(this.#recording, job, rest);
    } else if (kind === this.#letters.step) {
      if (slot) flush(slot);
      const [t = '', echo = '', ...argv] = rest;
      const announced = { t: jobs.time(t), argv, ...(echo === '' ? {} : { echo: Buffer.from(echo) }) };
      job.announced.set(job.steps, announced);
      jobs.beginStep(job, job.steps);
    } else {
      const own = slots.get(rest[0] ?? '');
      if (own) slots.use(own, job);
    }
  }

  #starts(id: string, fields: readonly string[], slot: Slot | undefined): void {
    const { jobs, slots, flush } = this.#recording;
    const [place = '', slotName = '', shown = '', time = '', ...what] = fields;
    if (slot) flush(slot);
    const start = { parent: jobs.at(place), t: jobs.time(time), aside: shown !== '1' };
    const job =
      this.#tool === undefined ? this.#command(id, start, what) : this.#file(this.#tool, id, start, what);
    const own = slots.get(slotName);
    if (own) slots.use(own, job);
    if (job.announced.size > 0) jobs.beginStep(job, 0);
  }

  #command(id: string, start: Start, [fullName = '', ...argv]: readonly string[]): Job {
    const name = fullName.slice(0, LONGEST_NAME);
    const job = this.#recording.jobs.start({ ...start, name, target: name }, id);
    if (argv.length > 0) job.announced.set(0, { t: start.t, argv });
    return job;
  }

  #file(tool: string, id: string, start: Start, [pid = '', folder = '', ...files]: readonly string[]): Job {
    const { jobs } = this.#recording;
    const instance = this.#instance(tool, pid, folder, start);
    const [target = '', ...needs] = files.map((file) => path.relative(instance.folder, file));
    const name = jobs.nameOf(instance.folder, target);
    const job = jobs.start({ ...start, name, target, instance: instance.id, needs: needs.join(' ') }, id);
    instance.nodes.push({ name: target, needs, recipe: true });
    return job;
  }

  #instance(tool: string, pid: string, folder: string, { parent, t }: Start): Instance {
    const known = this.#instances.get(pid);
    if (known) return known;
    const { jobs } = this.#recording;
    const instance = { id: jobs.newInstance(), job: parent, folder, nodes: [] };
    this.#instances.set(pid, instance);
    jobs.tell({ e: 'tool', t, i: instance.id, tool, j: parent.id, cwd: jobs.relative(folder), argv: [tool] });
    return instance;
  }
}

type Start = Pick<JobStart, 'parent' | 't' | 'aside'>;

/** A job has ended, as its last process' parent tells. @param fields status, time, and what it used, as far as that is known. */
export function endTold(recording: Recording, job: Job, fields: readonly string[]): void {
  const { jobs, slots, flush, release } = recording;
  const [code = '', t = '', ...used] = fields;
  const own = slots.of(job);
  if (own) {
    own.stream.read(true);
    flush(own);
  }
  const status = statusOf(code);
  if (status) jobs.exited(job, { status, t: jobs.time(t), used });
  jobs.end(job);
  if (own) release(own);
}
