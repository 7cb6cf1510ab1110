// A recorded build, read as a whole, with the names of its jobs; and the messages about damage to its record
// and logs.

import { displayNames } from '../linearize/names.ts';
import { type FlatSegments, flatten } from '../linearize/flatsegments.ts';
import { type WalkedBuild, lazily, walkedBuild, wholeWalk } from '../documents/walkedbuild.ts';
import type { LineEnd, Order } from '../linearize/walkoptions.ts';
import type { Build, Job } from '../model/build.ts';
import { lineEnds } from '../record/logsource.ts';
import { writeIndex } from '../store/buildindex.ts';
import { logFile } from '../store/layout.ts';
import { REMOVED_BY_GC } from '../store/logs.ts';
import type { Place } from '../store/place.ts';
import { type RecordedBuild, openBuild } from '../store/reader.ts';

/** A recorded build that is looked at. */
export interface ViewedBuild extends WalkedBuild {
  readonly place: Place;
  /** The folder that relative paths start from, absolute. */
  readonly folder: string;
  readonly recorded: RecordedBuild;
  readonly ends: LineEnd;
}

/**
 * Reads a build.
 * @param id of a build in the store. @param folder that relative paths start from, absolute.
 * @throws Failure if it cannot be read.
 */
export function viewBuild(place: Place, id: string, folder: string, order: Order = 'needs'): ViewedBuild {
  const named = openNamed(place.store, id);
  const { build } = named.recorded;
  const nameOf = order === 'needs' ? named.nameOf : lazily(() => displayNames(build, order, named.ends));
  return { ...named, place, folder, nameOf };
}

/** Records that are smaller are parsed faster than an index is written, in bytes. */
const WORTH_AN_INDEX = 64 * 1024;

/** What of a ViewedBuild does not depend on where it is looked at. */
export type NamedBuild = Pick<ViewedBuild, 'recorded' | 'ends' | 'nameOf' | 'shown' | 'segments'>;

/**
 * Reads a build, and keeps an index of it.
 * @param worth the size in bytes from which on a record gets one.
 * @throws Failure if it cannot be read.
 */
export function openNamed(store: string, id: string, worth = WORTH_AN_INDEX): NamedBuild {
  const recorded = openBuild(store, id);
  const { build, unindexed } = recorded;
  const ends = lineEnds(recorded.logs, false);
  let flat: FlatSegments | undefined = recorded.segments;
  if (unindexed && unindexed.bytes >= worth) {
    flat = independentSegments(build);
    writeIndex(unindexed, flat);
  }
  return { recorded, ends, ...walkedBuild(build, ends, flat) };
}

/** Thrown where a walk asks for the text of a log. */
class TextNeeded extends Error {}

/** The segments of the whole build; undefined if they depend on the text of logs, which may change. */
function independentSegments(build: Build): FlatSegments | undefined {
  const noEnds = (): never => {
    throw new TextNeeded();
  };
  try {
    return flatten(build, wholeWalk(build, noEnds));
  } catch (error) {
    if (!(error instanceof TextNeeded)) throw error;
    return undefined;
  }
}

/** Not every line of a badly damaged record is named. */
const MOST_PROBLEMS = 20;

/** What is wrong with a build's record, a line each. */
export function damageOf({ id, problems }: Pick<RecordedBuild, 'id' | 'problems'>): string[] {
  const named = problems.slice(0, MOST_PROBLEMS);
  const more = problems.length - named.length;
  return more > 0 ? [...named, `and ${more} more such problems with the record of build ${id}`] : named;
}

/** Logs that are shorter than their record says, each named once. */
export class ShortLogs {
  readonly #found = new Map<Job, { readonly of: RecordedBuild; readonly why: string }>();

  /** @param at the offset from which bytes are missing. */
  add(of: RecordedBuild, job: Job, at: number): void {
    if (this.#found.has(job)) return;
    const why = of.logs.trouble(job.id) ?? `ends at byte ${at}, ${job.size} are recorded`;
    this.#found.set(job, { of, why });
  }

  /** The logs, a line each; those of a build that gc has removed are counted. */
  messages(): string[] {
    const messages: string[] = [];
    const removed = new Map<RecordedBuild, number>();
    for (const { of, why } of this.#found.values())
      if (why === REMOVED_BY_GC) removed.set(of, (removed.get(of) ?? 0) + 1);
    for (const [job, { of, why }] of this.#found)
      if (why !== REMOVED_BY_GC || removed.get(of) === 1)
        messages.push(`${logFile(of.folder, job.id)}: ${why}`);
    for (const [{ id }, count] of removed)
      if (count > 1)
        messages.push(
          `build ${id}: ${count} logs removed by gc; newer builds have those of the same targets`,
        );
    return messages;
  }
}
