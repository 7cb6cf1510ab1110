// The order of a log to which several tools wrote, or in which they launched jobs, at the same time. Examples
// are tools that a script runs side by side, and nested loglins. The order in which the recorder heard of
// them means nothing. They are sorted by the start of their processes, each with its own output and its own
// jobs. Pure; knows the model only.

import { type Lineage, compareLineages } from '../model/lineage.ts';
import type { Instance, Job } from '../model/build.ts';
import { type ByteOffset, START } from '../model/ids.ts';

/**
 * A part of a job's log, in the order in which it is shown: a range of text, a link by its number, or an
 * instance that had nothing to do.
 */
export type Entry =
  | { readonly from: ByteOffset; readonly to: ByteOffset }
  | { readonly link: number }
  | { readonly idle: Instance };

/** Entries that stay together at one place. */
interface Block {
  /** The offset in the job's own text. */
  at: number;
  readonly lineage: Lineage | undefined;
  /** Orders blocks whose process starts are unknown. */
  readonly order: number;
  readonly entries: Entry[];
}

interface OutputRange {
  readonly from: ByteOffset;
  readonly to: ByteOffset;
  readonly by: Instance;
}

/**
 * @param lineEnd returns the end of the line in the job's log that contains an offset.
 * @returns undefined if the log is already in order.
 */
export function entriesInOrder(
  job: Job,
  lineEnd: (at: ByteOffset) => ByteOffset,
): readonly Entry[] | undefined {
  const ranges = outputRangesOf(job);
  if (ranges.length === 0 && isInOrder(job)) return undefined;
  const jobText = new JobText(ranges, job.size);
  return [...entriesOf(blocksOf(job, ranges, jobText, lineEnd), jobText)];
}

/** Returns the output of each instance that ran in a job, as far as it is known. */
function outputRangesOf(job: Job): readonly OutputRange[] {
  if (!job.instances.some(({ outputRanges }) => outputRanges.length > 0)) return [];
  const ranges = job.instances.flatMap((by) =>
    by.outputRanges.map(([from, to]): OutputRange => ({ from, to: to > job.size ? job.size : to, by })),
  );
  let end: number = START;
  return ranges
    .sort((a, b) => a.from - b.from)
    .filter(({ from, to }) => {
      if (from < end || to <= from) return false;
      end = to;
      return true;
    });
}

/**
 * Returns the process by which this log launched a job. A link to a job that was launched elsewhere has none.
 */
function lineageIn(job: Job | undefined, log: Job): Lineage | undefined {
  if (!job) return undefined;
  return job.instance?.job === log ? job.instance.lineage : job.parent === log ? job.lineage : undefined;
}

function isInOrder(job: Job): boolean {
  const { links } = job;
  return links.every((link, i) => {
    const before = links[i - 1];
    const [older, younger] = [lineageIn(before?.job, job), lineageIn(link.job, job)];
    // Most jobs of a log were launched by one process, so there is nothing to compare.
    if (!older || !younger || older === younger) return true;
    return compareLineages(older, younger) <= 0;
  });
}

/** The text of a job's log outside the instances' output. */
class JobText {
  readonly #gaps: { readonly from: number; readonly to: number; readonly at: number }[] = [];
  readonly size: number;

  constructor(ranges: readonly OutputRange[], size: ByteOffset) {
    let from: number = START;
    let at = 0;
    for (const range of [...ranges, { from: size, to: size }]) {
      if (range.from > from) {
        this.#gaps.push({ from, to: range.from, at });
        at += range.from - from;
      }
      from = range.to;
    }
    this.size = at;
  }

  /** Returns how much of this text precedes an offset of the log. */
  before(offset: ByteOffset): number {
    const gap = this.#gaps[this.#lastBefore('from', offset)];
    return gap ? gap.at + Math.min(offset, gap.to) - gap.from : 0;
  }

  /** Yields the ranges of the log that hold this text between two of its own offsets. */
  *between(start: number, end: number): Iterable<{ from: ByteOffset; to: ByteOffset }> {
    for (let i = Math.max(0, this.#lastBefore('at', start)); i < this.#gaps.length; i++) {
      const { from, to, at } = this.#gaps[i]!;
      if (at >= end) return;
      const first = Math.max(start, at);
      const last = Math.min(end, at + to - from);
      if (first < last)
        yield { from: (from + first - at) as ByteOffset, to: (from + last - at) as ByteOffset };
    }
  }

  /**
   * Returns the index of the last gap that begins before an offset of the log (`from`) or of this text
   * (`at`); -1 if there is none.
   */
  #lastBefore(key: 'from' | 'at', place: number): number {
    let [low, high] = [0, this.#gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#gaps[middle]![key] < place) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** One block for each instance that has output. The instance's links are added to it at their offsets. */
class InstanceBlocks {
  readonly blocks: Block[] = [];
  readonly #texts = new Map<
    Instance,
    { readonly block: Block; next: number; readonly ranges: OutputRange[] }
  >();

  constructor(ranges: readonly OutputRange[], jobText: JobText) {
    for (const range of ranges) {
      const { by } = range;
      const there = this.#texts.get(by);
      if (there) {
        there.ranges.push(range);
        continue;
      }
      const block: Block = {
        at: jobText.before(by.at),
        lineage: by.lineage,
        order: by.linksBefore,
        entries: [],
      };
      this.#texts.set(by, { block, next: 0, ranges: [range] });
      this.blocks.push(block);
    }
  }

  /**
   * Adds an instance's text up to an offset of the job's log to its block.
   * @returns undefined if the instance has no output.
   */
  addUntil(instance: Instance, offset: number): Block | undefined {
    const text = this.#texts.get(instance);
    if (!text) return undefined;
    for (; text.next < text.ranges.length; text.next++) {
      const { from, to } = text.ranges[text.next]!;
      if (from >= offset) break;
      const until = Math.min(to, offset) as ByteOffset;
      text.block.entries.push({ from, to: until });
      if (until === to) continue;
      text.ranges[text.next] = { from: until, to, by: instance };
      break;
    }
    return text.block;
  }
}

function blocksOf(
  job: Job,
  ranges: readonly OutputRange[],
  jobText: JobText,
  lineEnd: (at: ByteOffset) => ByteOffset,
): Block[] {
  const texts = new InstanceBlocks(ranges, jobText);
  const { blocks } = texts;
  for (const [number, link] of job.links.entries()) {
    const instance = link.job?.instance;
    const at = link.midLine ? lineEnd(link.at) : link.at;
    const of = instance?.job === job ? texts.addUntil(instance, at) : undefined;
    if (of) of.entries.push({ link: number });
    else
      blocks.push({
        at: jobText.before(at),
        lineage: lineageIn(link.job, job),
        order: number,
        entries: [{ link: number }],
      });
  }
  for (const instance of job.instances) {
    if (instance.jobs.length === 0) {
      const of = texts.addUntil(instance, instance.at);
      const entry = { idle: instance };
      if (of) of.entries.push(entry);
      else
        blocks.push({
          at: jobText.before(instance.at),
          lineage: instance.lineage,
          order: instance.linksBefore,
          entries: [entry],
        });
    }
    texts.addUntil(instance, Infinity);
  }
  return blocks;
}

/**
 * Yields the blocks, each at its place in the job's own text, and in the order in which their processes were
 * started, as far as that is known.
 */
function* entriesOf(blocks: Block[], jobText: JobText): Iterable<Entry> {
  moveToStarts(blocks);
  blocks.sort((a, b) => a.at - b.at || a.order - b.order);
  let shownTo = 0;
  for (let from = 0; from < blocks.length;) {
    const { at, lineage } = blocks[from]!;
    let to = from + 1;
    while (blocks[to]?.at === at && lineage && blocks[to]!.lineage) to++;
    yield* jobText.between(shownTo, at);
    shownTo = at;
    const together = blocks.slice(from, to);
    if (lineage) together.sort((a, b) => compareLineages(a.lineage!, b.lineage!) || a.order - b.order);
    for (const { entries } of together) yield* entries;
    from = to;
  }
  yield* jobText.between(shownTo, jobText.size);
}

/**
 * Moves each block up to the place of those whose processes were started later. The recorder may hear of
 * these first, and of the others only after more of the job's text.
 */
function moveToStarts(blocks: readonly Block[]): void {
  const latestFirst = blocks.filter(({ lineage }) => lineage);
  latestFirst.sort((a, b) => compareLineages(b.lineage!, a.lineage!) || b.order - a.order);
  let at = Infinity;
  for (const block of latestFirst) block.at = at = Math.min(at, block.at);
}
