// The order of a log in which several spoke, or launched, at the same time: tools that a script runs side by
// side, nested loglins. Which of them was heard of first says nothing; they are put in the order in which
// their processes were born, each with what it said and what it launched. Pure; knows the model alone.

import { type Lineage, compareLineages } from '../model/lineage.ts';
import type { Instance, Job } from '../model/build.ts';
import { type ByteOffset, START } from '../model/ids.ts';

/**
 * A piece of a job's log, in the order in which it is shown: text, the link of that number, an instance that
 * had nothing to do.
 */
export type Entry =
  | { readonly from: ByteOffset; readonly to: ByteOffset }
  | { readonly link: number }
  | { readonly idle: Instance };

/** What belongs together and stays in one place. */
interface Block {
  /** Where in the job's own text. */
  readonly at: number;
  readonly born: Lineage | undefined;
  /** By which those are ordered of whose births nothing is known. */
  readonly order: number;
  readonly entries: Entry[];
}

interface Piece {
  readonly from: ByteOffset;
  readonly to: ByteOffset;
  readonly by: Instance;
}

/**
 * @param lineEnd where the line of the job's log ends that this offset is in.
 * @returns undefined where the log is in order as it is.
 */
export function besideInOrder(
  job: Job,
  lineEnd: (at: ByteOffset) => ByteOffset,
): readonly Entry[] | undefined {
  const pieces = piecesOf(job);
  if (pieces.length === 0 && isInOrder(job)) return undefined;
  const own = new OwnText(pieces, job.size);
  return [...entriesOf(blocksOf(job, pieces, own, lineEnd), own)];
}

/** What the instances that ran in a job said themselves, where that is known. */
function piecesOf(job: Job): readonly Piece[] {
  if (!job.instances.some(({ outputRanges: said }) => said.length > 0)) return [];
  const pieces = job.instances.flatMap((by) =>
    by.outputRanges.map(([from, to]): Piece => ({ from, to: to > job.size ? job.size : to, by })),
  );
  let end: number = START;
  return pieces
    .sort((a, b) => a.from - b.from)
    .filter(({ from, to }) => {
      if (from < end || to <= from) return false;
      end = to;
      return true;
    });
}

/** The process by which this log launched a job; a link to one that was launched elsewhere has none. */
function bornOf(job: Job | undefined, log: Job): Lineage | undefined {
  if (!job) return undefined;
  return job.instance?.job === log ? job.instance.lineage : job.parent === log ? job.lineage : undefined;
}

function isInOrder(job: Job): boolean {
  const { links } = job;
  return links.every((link, i) => {
    const before = links[i - 1];
    const [older, younger] = [bornOf(before?.job, job), bornOf(link.job, job)];
    // Most jobs of a log were launched by one process: nothing to compare.
    if (before?.at !== link.at || !older || !younger || older === younger) return true;
    return compareLineages(older, younger) <= 0;
  });
}

/** A job's log without what the pieces hold. */
class OwnText {
  readonly #gaps: { readonly from: number; readonly to: number; readonly at: number }[] = [];
  readonly size: number;

  constructor(pieces: readonly Piece[], size: ByteOffset) {
    let from: number = START;
    let at = 0;
    for (const piece of [...pieces, { from: size, to: size }]) {
      if (piece.from > from) {
        this.#gaps.push({ from, to: piece.from, at });
        at += piece.from - from;
      }
      from = piece.to;
    }
    this.size = at;
  }

  /** How much of it stands before an offset of the log. */
  before(offset: ByteOffset): number {
    const gap = this.#gaps[this.#lastBefore('from', offset)];
    return gap ? gap.at + Math.min(offset, gap.to) - gap.from : 0;
  }

  /** Where in the log its part between two offsets of it stands. */
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
   * The number of the last gap that begins before this place, in the log (`from`) or in this text (`at`); -1:
   * there is none.
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

/** What each instance said itself, in a block of its own, to which its links are added at their places. */
class InstanceBlocks {
  readonly blocks: Block[] = [];
  readonly #texts = new Map<Instance, { readonly block: Block; next: number; readonly pieces: Piece[] }>();

  constructor(pieces: readonly Piece[], own: OwnText) {
    for (const piece of pieces) {
      const { by } = piece;
      const there = this.#texts.get(by);
      if (there) {
        there.pieces.push(piece);
        continue;
      }
      const block: Block = { at: own.before(by.at), born: by.lineage, order: by.linksBefore, entries: [] };
      this.#texts.set(by, { block, next: 0, pieces: [piece] });
      this.blocks.push(block);
    }
  }

  /**
   * Adds an instance's text up to an offset of the job's log to its block.
   * @returns undefined where it said nothing itself.
   */
  addUntil(instance: Instance, offset: number): Block | undefined {
    const text = this.#texts.get(instance);
    if (!text) return undefined;
    for (; text.next < text.pieces.length; text.next++) {
      const { from, to } = text.pieces[text.next]!;
      if (from >= offset) break;
      const until = Math.min(to, offset) as ByteOffset;
      text.block.entries.push({ from, to: until });
      if (until === to) continue;
      text.pieces[text.next] = { from: until, to, by: instance };
      break;
    }
    return text.block;
  }
}

function blocksOf(
  job: Job,
  pieces: readonly Piece[],
  own: OwnText,
  lineEnd: (at: ByteOffset) => ByteOffset,
): Block[] {
  const texts = new InstanceBlocks(pieces, own);
  const { blocks } = texts;
  for (const [number, link] of job.links.entries()) {
    const instance = link.job?.instance;
    const at = link.midLine ? lineEnd(link.at) : link.at;
    const of = instance?.job === job ? texts.addUntil(instance, at) : undefined;
    if (of) of.entries.push({ link: number });
    else
      blocks.push({
        at: own.before(at),
        born: bornOf(link.job, job),
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
          at: own.before(instance.at),
          born: instance.lineage,
          order: instance.linksBefore,
          entries: [entry],
        });
    }
    texts.addUntil(instance, Infinity);
  }
  return blocks;
}

/** The blocks, each at its place in the job's own text; of those at one place, the older ones first. */
function* entriesOf(blocks: Block[], own: OwnText): Iterable<Entry> {
  blocks.sort((a, b) => a.at - b.at || a.order - b.order);
  let said = 0;
  for (let from = 0; from < blocks.length;) {
    const { at, born } = blocks[from]!;
    let to = from + 1;
    while (blocks[to]?.at === at && born && blocks[to]!.born) to++;
    yield* own.between(said, at);
    said = at;
    const together = blocks.slice(from, to);
    if (born) together.sort((a, b) => compareLineages(a.born!, b.born!) || a.order - b.order);
    for (const { entries } of together) yield* entries;
    from = to;
  }
  yield* own.between(said, own.size);
}
