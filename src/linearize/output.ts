// The segments that a walk has put out and nobody has taken yet, with the blocks that are open: headers come
// out with the first text of a block, and text after a nested block is marked as resumed. Knows which bytes
// of which log come next, not why.

import type { Instance } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { JobFrame } from './frames.ts';
import type { Segment } from './segments.ts';
import type { TargetJobs } from './targetjobs.ts';
import type { Unmade } from './unmade.ts';
import type { WalkOptions } from './walkoptions.ts';

export class WalkOutput {
  /**
   * The jobs whose blocks are open, the outermost first. Those whose headers are not out are the last of
   * them.
   */
  readonly open: JobFrame[] = [];
  readonly #segments: Segment[] = [];
  readonly #absent = new Set<string>();
  readonly #options: WalkOptions;
  readonly #targets: TargetJobs;

  constructor(options: WalkOptions, targets: TargetJobs) {
    this.#options = options;
    this.#targets = targets;
  }

  /** Is there anything to be taken? */
  get waiting(): boolean {
    return this.#segments.length > 0;
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** The next segment; undefined where there is none. */
  take(): Segment | undefined {
    return this.#segments.shift();
  }

  /** Was it said already that a target has no log? */
  isAbsent(target: string, instance?: Instance): boolean {
    return this.#absent.has(absentKey(target, instance));
  }

  /** Prints the headers that the jobs on the stack still lack, and notes the nesting. */
  enter(): void {
    const open = this.open;
    let first = open.length;
    while (first > 0 && open[first - 1]?.entered === false) first--;
    for (; first < open.length; first++) {
      const frame = open[first];
      if (!frame) continue;
      const parent = open[first - 1];
      if (parent) parent.nested = true;
      frame.entered = true;
      const { job, depth, unmade } = frame;
      const around = unmade && open.some((outer, i) => i < first && isSame(outer.unmade, unmade));
      this.#segments.push({
        kind: 'enter',
        job,
        depth,
        ...(unmade && { unmade, ...(around ? { around } : {}) }),
      });
    }
  }

  /** @param instance the one whose target it is; none: a script's, by the name that is shown. */
  sayAbsent(target: string, depth: number, instance?: Instance): void {
    const key = absentKey(target, instance);
    if (this.#absent.has(key)) return;
    this.#absent.add(key);
    this.enter();
    const parent = this.open.at(-1);
    if (parent) parent.nested = true;
    const name = this.#options.shownName?.(target, instance) ?? target;
    const unmade = this.#targets.unmade(undefined, target, instance);
    this.#segments.push({ kind: 'absent', name, depth, ...(unmade && { unmade }) });
  }

  text(frame: JobFrame, to: ByteOffset): void {
    if (to <= frame.position) return;
    this.speak(frame);
    this.commands(frame, to);
    this.range(frame, to);
  }

  /** The job itself has something to say: its header, or that it goes on. */
  speak(frame: JobFrame): void {
    this.enter();
    if (!frame.nested) return;
    frame.nested = false;
    if (frame.depth >= 0) this.#segments.push({ kind: 'resume', job: frame.job, depth: frame.depth });
  }

  range(frame: JobFrame, to: ByteOffset): void {
    if (to <= frame.position) return;
    this.#segments.push({ kind: 'range', job: frame.job, from: frame.position, to });
    frame.position = to;
  }

  /**
   * The commands that started before this offset and are not in the log; the text up to each of them goes out
   * first.
   * @param upTo also those that started at this offset and are among the job's first ones.
   */
  commands(frame: JobFrame, before: number, upTo = 0): void {
    if (!this.#options.commands) return;
    const { job } = frame;
    for (; frame.step < job.steps.length; frame.step++) {
      const step = job.steps[frame.step];
      if (!step) continue;
      if (step.at > before || (step.at === before && frame.step >= upTo)) return;
      if (step.echo) continue;
      this.speak(frame);
      this.range(frame, step.at);
      this.#segments.push({ kind: 'command', job, step });
    }
  }
}

/** Is it for the same failures? */
function isSame(a: Unmade | undefined, b: Unmade): boolean {
  return a?.failed.length === b.failed.length && a.failed.every((job, i) => job === b.failed[i]);
}

/** Targets of one name in several instances are several. */
function absentKey(target: string, instance?: Instance): string {
  return `${instance?.job.id ?? ''} ${instance?.id ?? ''} ${target}`;
}
