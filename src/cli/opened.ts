// What every command that looks at a recorded build starts with: its options, the build, its jobs' names, and what is wrong with it.

import type { Command } from 'commander';
import { displayNames } from '../linearize/names.ts';
import type { LineEnd, Order } from '../linearize/walk.ts';
import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { lineEnds } from '../play/player.ts';
import { chooseBuild } from '../store/builds.ts';
import { type RecordedBuild, openBuild } from '../store/reader.ts';
import { logFile } from '../store/layout.ts';
import { type Place } from '../store/place.ts';
import { REMOVED_BY_GC } from '../store/logs.ts';
import { currentFolder, placeOf } from './place.ts';

/** The options of addBuildOptions. */
export interface BuildOptions {
  readonly build?: string;
  readonly store?: string;
}

/** Adds `-b` and `--store`. */
export function addBuildOptions(command: Command): Command {
  return addStoreOption(
    command.option(
      '-b, --build <build>',
      'another build: an id or the start of one, -1 (the one before), @failed',
    ),
  );
}

export function addStoreOption(command: Command): Command {
  return command.option('--store <dir>', 'where builds are kept (also LOGLIN_STORE)');
}

/** A recorded build that a command looks at. */
export interface Opened {
  readonly place: Place;
  readonly recorded: RecordedBuild;
  readonly ends: LineEnd;
  /** As shown, with `#2`. */
  readonly nameOf: (job: Job) => string;
}

/**
 * Opens the build that the user means.
 * @throws Failure where there is none, or where it cannot be read.
 */
export function openWanted(options: BuildOptions, order: Order = 'needs'): Opened {
  const place = placeOf(currentFolder(), options.store);
  return openedBuild(place, chooseBuild(place.store, options.build), order);
}

/** @param id of a build in the store. @throws Failure where it cannot be read. */
export function openedBuild(place: Place, id: string, order: Order = 'needs'): Opened {
  const recorded = openBuild(place.store, id);
  const ends = lineEnds(recorded.logs, false);
  return { place, recorded, ends, nameOf: displayNames(recorded.build, order, ends) };
}

/** Of a record that is badly damaged, not every line is named. */
const MOST_PROBLEMS = 20;

/** Says what is wrong with a build's record, a line each. @returns false where nothing is. */
export function complainOf(recorded: RecordedBuild): boolean {
  for (const problem of recorded.problems.slice(0, MOST_PROBLEMS)) complain(problem);
  const more = recorded.problems.length - MOST_PROBLEMS;
  if (more > 0) complain(`and ${more} more such problems with the record of build ${recorded.id}`);
  return recorded.problems.length > 0;
}

/** Logs that are shorter than their record says, each named once. */
export class ShortLogs {
  readonly #found = new Map<Job, { readonly of: RecordedBuild; readonly why: string }>();

  /** @param at bytes are missing from here on. */
  add(of: RecordedBuild, job: Job, at: number): void {
    if (this.#found.has(job)) return;
    const why = of.logs.trouble(job.id) ?? `ends at byte ${at}, ${job.size} are recorded`;
    this.#found.set(job, { of, why });
  }

  /** Says it; of those of a build that gc has removed how many. @returns false where nothing is short. */
  complain(): boolean {
    const removed = new Map<RecordedBuild, number>();
    for (const { of, why } of this.#found.values())
      if (why === REMOVED_BY_GC) removed.set(of, (removed.get(of) ?? 0) + 1);
    for (const [job, { of, why }] of this.#found)
      if (why !== REMOVED_BY_GC || removed.get(of) === 1) complain(`${logFile(of.folder, job.id)}: ${why}`);
    for (const [{ id }, count] of removed)
      if (count > 1)
        complain(`build ${id}: ${count} logs removed by gc; newer builds have those of the same targets`);
    return this.#found.size > 0;
  }
}

/** One line on stderr; the text may hold names as they are. */
export function complain(text: string): void {
  process.stderr.write(`loglin: ${escapeName(text)}\n`);
}
