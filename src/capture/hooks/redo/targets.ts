// A redo tree's targets with their logs: when each was last built, how that ended, and which of them the last
// run built. Reads only.

import path from 'node:path';
import { Failure, reason } from '../../../model/failure.ts';
import { readPlainBytes } from '../../../store/plainfile.ts';
import type { RedoDatabase } from './database.ts';
import { type Piece, TargetLog } from './logs.ts';
import { loggedTargets, targetLog } from './tree.ts';

/** A target with its log. */
export interface Target {
  readonly id: number;
  readonly name: string;
  readonly pieces: readonly Piece[];
}

/** A target's last build, as far as logs tell. */
export interface TargetRun {
  /** Milliseconds since the epoch. */
  started?: number;
  ended?: number;
  /** As redo writes it: the status, or less than 0 the signal. */
  exit?: number;
}

/**
 * Reads the logs.
 * @param problems gets what cannot be read.
 * @throws Failure where there are none to be read.
 */
export function readTargets(base: string, database: RedoDatabase | undefined, problems: string[]): Target[] {
  let ids: number[];
  try {
    ids = loggedTargets(base);
  } catch (error) {
    throw new Failure(`${path.join(base, '.redo')}: ${reason(error)}`);
  }
  return ids.flatMap((id): Target[] => {
    const file = targetLog(base, id);
    const known = database?.files.get(id)?.name;
    if (database && known === undefined) problems.push(`${file}: of no known target`);
    const name = known ?? `log.${id}`;
    let bytes: Buffer;
    try {
      bytes = readPlainBytes(file);
    } catch (error) {
      problems.push(`${file}: ${reason(error)}`);
      return [];
    }
    const log = new TargetLog(name);
    const pieces = log.push(bytes);
    const rest = log.end();
    if (rest.cut) problems.push(`${file}: the last line is cut short`);
    else if (rest.bytes.length > 0) pieces.push({ kind: 'text', bytes: rest.bytes });
    return [{ id, name, pieces }];
  });
}

/** When each target was last built, and how that ended, by its name. */
export function readRuns(targets: readonly Target[]): Map<string, TargetRun> {
  const runs = new Map<string, TargetRun>();
  const of = (name: string): TargetRun => {
    const run = runs.get(name) ?? {};
    runs.set(name, run);
    return run;
  };
  for (const { name: own, pieces } of targets)
    for (const piece of pieces) {
      if (piece.kind === 'text') continue;
      // It asks for others while it runs.
      const asking = of(own);
      asking.started = Math.min(asking.started ?? Infinity, piece.t);
      asking.ended = Math.max(asking.ended ?? 0, piece.t);
    }
  for (const { pieces } of targets)
    for (const piece of pieces) {
      if (piece.kind === 'text') continue;
      const run = of(piece.name);
      if (piece.kind === 'mention' && piece.built) run.started = piece.t;
      if (piece.kind === 'done' && (run.exit === undefined || piece.t >= (run.ended ?? 0))) {
        run.ended = piece.t;
        run.exit = piece.exit;
      }
    }
  return runs;
}

/**
 * The targets that the last run built: those that became others or failed, and those of which their logs say
 * that they were built.
 */
export function builtByLastRun(
  targets: readonly Target[],
  { files, lastRun: run }: RedoDatabase,
): Set<Target> {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const mentioned = new Set<string>();
  for (const { pieces } of targets)
    for (const piece of pieces) if (piece.kind !== 'text') mentioned.add(piece.name);
  const built = new Set(
    targets.filter(({ id }) => {
      const file = files.get(id);
      // One that redo-stamp decides on does not become another; and one that nobody asks for may have been a
      // goal.
      return (
        file &&
        (Math.max(file.changed, file.failed) >= run || (file.stamped && file.checked >= run && !asked(id)))
      );
    }),
  );
  function asked(id: number): boolean {
    const name = files.get(id)?.name;
    return name !== undefined && mentioned.has(name);
  }
  // A set can grow while it is walked.
  for (const { pieces } of built)
    for (const piece of pieces) {
      const target = piece.kind === 'mention' && piece.built ? byName.get(piece.name) : undefined;
      if (target) built.add(target);
    }
  return built;
}
