// Turns the records of the module in SCons (site/loglin_scons.py, wire.ts) into jobs and a graph.

import path from 'node:path';
import type { GraphNode } from '../../../model/graph.ts';
import type { Job } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import type { Fields } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { type InstanceStart, Instances, ToolInstance } from '../instances.ts';
import { type ReportedStart, endReported, reportedJob, startReported } from '../reportedjobs.ts';

class SconsInstance extends ToolInstance {
  readonly nodes: GraphNode[] = [];

  constructor(recording: Recording, start: Pick<InstanceStart, 'job' | 't'>) {
    super(recording, { ...start, tool: 'scons', argv: ['scons'], slot: undefined });
  }
}

export class SconsRecords implements Hook {
  readonly handlers: Handlers = {
    e: (record, slot) => this.#started(record, slot),
    g: (record, slot) => this.#step(record, slot),
    h: (record, slot) => this.#ended(record, slot),
  };
  readonly #recording: Recording;
  /** The instances by process id. */
  readonly #instances: Instances<SconsInstance>;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#instances = new Instances(recording);
  }

  jobEnded(job: Job): void {
    for (const instance of this.#instances.takeOf(job)) this.#end(instance);
  }

  finish(): void {
    for (const instance of this.#instances.running()) this.#end(instance);
  }

  #end(instance: SconsInstance): void {
    if (instance.ended) return;
    if (instance.id !== undefined) this.#recording.jobs.emitGraph(instance.id, instance.nodes, []);
    this.#instances.end(instance);
  }

  #started(record: Fields<'e'>, slot: Slot | undefined): undefined {
    startReported(this.#recording, record, slot, (common) => this.#startJob(record, common));
  }

  #startJob({ job: wireId, pid, cwd, ...record }: Fields<'e'>, common: ReportedStart): Job {
    const { jobs } = this.#recording;
    const instance = this.#instanceOf(pid, cwd, common);
    const relative = (file: string): string => path.relative(instance.cwd, file);
    const target = relative(record.target);
    const needs = record.needs.map(relative);
    instance.nodes.push({ name: target, needs, recipe: true });
    const name = jobs.nameOf(instance.cwd, target);
    return jobs.start({ ...common, name, target, instance: instance.id, needs: needs.join(' ') }, wireId);
  }

  #instanceOf(pid: string, cwd: string, { parent, t }: ReportedStart): SconsInstance {
    const known = this.#instances.get(pid);
    if (known && !known.ended) return known;
    const instance = new SconsInstance(this.#recording, { job: parent, t });
    instance.emitStart(cwd);
    this.#instances.add(pid, instance);
    return instance;
  }

  #step(record: Fields<'g'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    const { time, echo, argv } = record;
    const job = reportedJob(this.#recording, record.job, slot);
    if (job) jobs.step(job, { t: jobs.time(time), argv, echo: echo === '' ? undefined : Buffer.from(echo) });
  }

  #ended(record: Fields<'h'>, slot: Slot | undefined): undefined {
    const job = reportedJob(this.#recording, record.job, slot);
    if (job) endReported(this.#recording, job, record);
  }
}
