// The segments that a walk has emitted and nobody has taken yet, and the blocks that are open. A header is
// emitted with the first text of its block. Text after a nested block is marked as resumed. Knows which bytes
// of which log come next, not why.

import type { Instance } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { JobFrame } from './frames.ts';
import type { Segment } from './segments.ts';
import type { TargetJobs } from './targetjobs.ts';
import type { NotRemade } from './notremade.ts';
import type { WalkOptions } from './walkoptions.ts';

export class WalkOutput {
  /** The jobs whose blocks are open, the outermost first. Those without a printed header come last. */
  readonly open: JobFrame[] = [];
  readonly #segments: Segment[] = [];
  readonly #absent = new Set<string>();
  readonly #options: WalkOptions;
  readonly #targets: TargetJobs;

  constructor(options: WalkOptions, targets: TargetJobs) {
    this.#options = options;
    this.#targets = targets;
  }

  /** Is there a segment to take? */
  get waiting(): boolean {
    return this.#segments.length > 0;
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Returns the next segment, or undefined if there is none. */
  take(): Segment | undefined {
    return this.#segments.shift();
  }

  /** Was this target already reported to have no log? */
  isAbsent(target: string, instance?: Instance): boolean {
    return this.#absent.has(absentKey(target, instance));
  }

  /** Emits the missing headers of the jobs on the stack and records the nesting. */
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
      const { job, depth, notRemade } = frame;
      const around = notRemade && open.some((outer, i) => i < first && isSame(outer.notRemade, notRemade));
      this.#segments.push({
        kind: 'enter',
        job,
        depth,
        ...(notRemade && { notRemade, ...(around ? { around } : {}) }),
      });
    }
  }

  /**
   * @param instance the target's instance; undefined for a script's target, which has the name that is shown.
   */
  sayAbsent(target: string, depth: number, instance?: Instance): void {
    const key = absentKey(target, instance);
    if (this.#absent.has(key)) return;
    this.#absent.add(key);
    this.enter();
    const parent = this.open.at(-1);
    if (parent) parent.nested = true;
    const name = this.#options.shownName?.(target, instance) ?? target;
    const notRemade = this.#targets.notRemade(undefined, target, instance);
    this.#segments.push({ kind: 'absent', name, depth, ...(notRemade && { notRemade }) });
  }

  text(frame: JobFrame, to: ByteOffset): void {
    if (to <= frame.position) return;
    if (!isVisible(frame, to)) {
      frame.position = to;
      return;
    }
    this.speak(frame);
    this.commands(frame, to);
    this.range(frame, to);
  }

  /** Emits what must precede the job's own text: its header, or the mark that it resumes. */
  speak(frame: JobFrame): void {
    this.enter();
    if (!frame.nested) return;
    frame.nested = false;
    if (frame.depth >= 0) this.#segments.push({ kind: 'resume', job: frame.job, depth: frame.depth });
  }

  range(frame: JobFrame, to: ByteOffset): void {
    if (to <= frame.position) return;
    const { job } = frame;
    for (const [from, end] of visibleRanges(frame, to))
      this.#segments.push({ kind: 'range', job, from, to: end });
    frame.position = to;
  }

  /**
   * Emits the commands that started before this offset and are not in the log, and the text before each of
   * them.
   * @param upTo includes those of the job's first commands (this many) that started exactly at the offset.
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

/** The ranges up to an offset that the reader of the job's pipe has not swallowed. */
function visibleRanges({ job, behindPipe, position }: JobFrame, to: ByteOffset): [ByteOffset, ByteOffset][] {
  const ranges: [ByteOffset, ByteOffset][] = [];
  let from = position;
  for (const [hidden, shown] of behindPipe ? job.swallowed : []) {
    if (shown <= from) continue;
    if (hidden >= to) break;
    if (hidden > from) ranges.push([from, hidden]);
    from = shown;
  }
  if (from < to) ranges.push([from, to]);
  return ranges;
}

function isVisible(frame: JobFrame, to: ByteOffset): boolean {
  return !frame.behindPipe || visibleRanges(frame, to).length > 0;
}

/** Do both have the same failures? */
function isSame(a: NotRemade | undefined, b: NotRemade): boolean {
  return a?.failed.length === b.failed.length && a.failed.every((job, i) => job === b.failed[i]);
}

/** Targets of the same name in different instances are different targets. */
function absentKey(target: string, instance?: Instance): string {
  return `${instance?.job.id ?? ''} ${instance?.id ?? ''} ${target}`;
}
