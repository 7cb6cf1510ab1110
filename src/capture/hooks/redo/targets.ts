// The targets of a redo tree that have logs: when each was last built, how that ended, and which of them the
// last run built. Only reads.

import path from 'node:path';
import { Failure, reason } from '../../../model/failure.ts';
import { readPlainBytes } from '../../../store/plainfile.ts';
import type { RedoDatabase } from './database.ts';
import { type LogPiece, TargetLog } from './logs.ts';
import { loggedTargets, targetLog } from './tree.ts';

/** A target with its log. */
export interface Target {
  readonly id: number;
  readonly name: string;
  readonly pieces: readonly LogPiece[];
}

/** A target's last build, as far as logs have it. */
export interface TargetRun {
  /** Milliseconds since the epoch. */
  started?: number;
  ended?: number;
  /** In redo's format: the exit status, or below 0 the signal. */
  exit?: number;
}

/**
 * Reads the logs.
 * @param problems gets a message for each log that cannot be read.
 * @throws Failure if the folder of the logs cannot be read.
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

/** The last build of each target, by its name. */
export function readRuns(targets: readonly Target[]): Map<string, TargetRun> {
  const runs = new Map<string, TargetRun>();
  const of = (name: string): TargetRun => {
    const run = runs.get(name) ?? {};
    runs.set(name, run);
    return run;
  };
  for (const { name, pieces } of targets)
    for (const piece of pieces) {
      if (piece.kind === 'text') continue;
      // A target asks for others only while it runs.
      const asking = of(name);
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
 * The targets that the last run built: those that changed or failed, and those that were built according to
 * the logs of such.
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
      // A stamped target may have been built without a change. If no log mentions it, it may have been a
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
  // The set grows during the loop.
  for (const { pieces } of built)
    for (const piece of pieces) {
      const target = piece.kind === 'mention' && piece.built ? byName.get(piece.name) : undefined;
      if (target) built.add(target);
    }
  return built;
}
