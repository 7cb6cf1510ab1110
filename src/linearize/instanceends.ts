// How tool instances ended: whether they came to all their targets, stopped at a failure, were interrupted,
// or still run. Also which failures caused others. Pure.

import { type Build, type Instance, type Job, failed } from '../model/build.ts';
import { isStopExit, isStopSignal } from '../model/events.ts';
import { keepsGoing, ninjaStopsAfter } from './keepgoing.ts';

const NONE: readonly Job[] = [];

/** `whole`: without a failure. `failed`: with failures, but after making everything that it could. */
export type InstanceEnd = 'whole' | 'running' | 'interrupted' | 'stopped' | 'failed';

/** May the instance have left some of its targets unexamined? */
export const isUnsure = (end: InstanceEnd): boolean => end !== 'whole' && end !== 'failed';

/** The tools whose graphs also contain what did not run. */
export const WHOLE_GRAPHS = new Set(['make', 'ninja']);

export class InstanceEnds {
  readonly #build: Build;
  readonly #running: () => boolean;
  readonly #roots = new Map<Job, readonly Job[]>();

  /** @param running does the build still run? */
  constructor(build: Build, running: () => boolean) {
    this.#build = build;
    this.#running = running;
  }

  /** Drops what was computed before the build changed. */
  refresh(): void {
    this.#roots.clear();
  }

  /** Returns how an instance ended, and the failures that it stopped at. */
  of(instance: Instance): { readonly end: InstanceEnd; readonly stoppedAt: readonly Job[] } {
    const none = { stoppedAt: NONE };
    const { job, jobs, exit } = instance;
    if (!instance.ended && this.#running()) return { end: 'running', ...none };
    if (exit === 0) return { end: 'whole', ...none };
    if (jobs.some((one) => this.wasCutShort(one)) || (exit === undefined && this.wasCutShort(job)))
      return { end: 'interrupted', ...none };
    const failures = jobs.filter((one) => failed(one));
    // Something other than a job failed: a file that no rule makes, for example, or make was killed.
    const otherwise = exit !== undefined || (WHOLE_GRAPHS.has(instance.tool) && failed(job));
    if (failures.length === 0) return { end: otherwise ? 'stopped' : 'whole', ...none };
    if (this.#goesOn(instance, failures)) return { end: 'failed', ...none };
    return { end: 'stopped', stoppedAt: failures.flatMap((one) => [...this.rootsOf(one)]) };
  }

  /** Was the build stopped before its end? */
  get #wasStopped(): boolean {
    const { ended } = this.#build;
    return (ended === undefined && !this.#running()) || (ended?.interrupted ?? false);
  }

  /** Did the tool make everything that it could after its failures? */
  #goesOn(instance: Instance, failures: readonly Job[]): boolean {
    const { tool, argv } = instance;
    if (instance.keepGoing !== undefined) return instance.keepGoing;
    if (tool === 'ninja') return failures.length < ninjaStopsAfter(argv);
    for (let at: Instance | undefined = instance; at?.tool === tool; at = at.job.instance)
      if (at.keepGoing || keepsGoing(tool, at.argv)) return true;
    // A tool that stops at a failure starts nothing after it.
    const first = Math.min(...failures.map((job) => job.ended ?? Infinity));
    return tool === 'make' && instance.jobs.some((job) => job.started > first);
  }

  /** Did a job end because the build was stopped, or has it not ended at all? */
  wasCutShort({ ended, status }: Job): boolean {
    if (!this.#wasStopped) return ended === undefined && this.#running();
    if (ended === undefined || !status) return true;
    return 'signal' in status ? isStopSignal(status.signal) : isStopExit(status.exit);
  }

  /** Returns the jobs below a failed one that failed by themselves; the job itself if there are none. */
  rootsOf(job: Job): readonly Job[] {
    const there = this.#roots.get(job);
    if (there) return there;
    const found = new Set<Job>();
    const seen = new Set<Job>([job]);
    const stack = [job];
    for (let at = stack.pop(); at; at = stack.pop()) {
      const below: Job[] = [];
      for (const { job: child } of at.links) if (child && failed(child)) below.push(child);
      if (below.length === 0 && failed(at)) found.add(at);
      for (let i = below.length - 1; i >= 0; i--) {
        const child = below[i]!;
        if (seen.has(child)) continue;
        seen.add(child);
        stack.push(child);
      }
    }
    const roots = [...found];
    this.#roots.set(job, roots);
    return roots;
  }
}
