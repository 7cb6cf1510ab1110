// Imports the logs of a redo tree as builds: one build has the targets of the last run, an earlier one has
// all others. Names what cannot be read, and imports the rest.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Failure, isFailure } from '../../../model/failure.ts';
import { buildFolder, journalFile, newBuildId } from '../../../store/layout.ts';
import { type Place } from '../../../store/place.ts';
import { readDatabase } from './database.ts';
import { writeBuild } from './importedbuild.ts';
import { type Target, builtByLastRun, readRuns, readTargets } from './targets.ts';

export interface RedoImport {
  /** Oldest first. `known`: it was in the store already. */
  readonly builds: readonly { readonly id: string; readonly jobs: number; readonly known: boolean }[];
  readonly problems: readonly string[];
}

/**
 * @param base the folder that has the .redo.
 * @throws Failure if nothing can be read, or the store cannot be written.
 */
export function importRedo(base: string, place: Place): RedoImport {
  const problems: string[] = [];
  const database = attempt(problems, () => readDatabase(base));
  const targets = readTargets(base, database, problems);
  if (targets.length === 0) throw new Failure(`${path.join(base, '.redo')}: no target has a log`);
  const runs = readRuns(targets);
  const last = database ? builtByLastRun(targets, database) : new Set(targets);
  const parts = [targets.filter((target) => !last.has(target)), targets.filter((target) => last.has(target))];
  const starts = parts.map((part) => {
    const times = part.flatMap(({ name }) => runs.get(name)?.started ?? runs.get(name)?.ended ?? []);
    return times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : undefined;
  });
  const changed = clamped(Math.round(fs.statSync(path.join(base, '.redo')).mtimeMs));
  const lastStart = Math.floor(starts[1] ?? changed);
  // Targets that the last run did not build were built before it, whatever the clock said.
  const firstStart = Math.min(Math.floor(starts[0] ?? lastStart - 1), lastStart - 1);
  const builds = parts.flatMap((part, i) => {
    if (part.length === 0) return [];
    const start = i === 0 ? firstStart : lastStart;
    const id = newBuildId(
      new Date(start),
      digest([base, String(i), ...part.map((target) => content(target))]),
    );
    const known = fs.existsSync(journalFile(buildFolder(place.store, id)));
    if (!known) writeBuild(place, base, id, start, { targets: part, runs, database });
    return [{ id, jobs: part.length, known }];
  });
  return { builds, problems };
}

/** Limits a time, in milliseconds since the epoch, to the years 1970 to 9999, which a build's id can hold. */
function clamped(ms: number): number {
  return Math.min(Math.max(ms, 1), Date.UTC(9999, 11, 31));
}

function attempt<T>(problems: string[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!isFailure(error)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 4);
}

function content({ id, name, pieces }: Target): string {
  return JSON.stringify([
    id,
    name,
    pieces.map((piece) => ('bytes' in piece ? piece.bytes.toString('latin1') : piece)),
  ]);
}
