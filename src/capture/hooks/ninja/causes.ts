// Finds out why edges ran, with ninja's own rules (graph.cc, RecomputeOutputDirty), applied to its build log
// and dep log after it has ended. Nothing is read before the build, which would slow it down. Does not know
// what the user has changed since the build began.

import fs from 'node:fs';
import path from 'node:path';
import type { JobExplained } from '../../../model/events.ts';
import { readRegular } from '../../../store/plainfile.ts';
import type { Edge, Manifest } from './manifest.ts';
import { type BuildLogEntry, type History, readBuildLog } from './buildlog.ts';
import { DepLog } from './deplog.ts';

/** The fields of an event that say why an edge ran. */
export type Cause = Pick<JobExplained, 'newer' | 'missing' | 'command'>;

/**
 * Finds out why edges ran in a build that has just ended.
 * @param cwd the folder in which ninja ran.
 * @param edges each with whether it succeeded: ninja's log has only the previous time of an edge that failed.
 * @returns the causes by edge, without edges of which nothing is known.
 */
export function causesOf(
  manifest: Manifest,
  cwd: string,
  edges: ReadonlyMap<Edge, { readonly done: boolean }>,
): Map<Edge, Cause> {
  const causes = new Map<Edge, Cause>();
  const folder = path.resolve(cwd, manifest.folder);
  const log = readBuildLog(read(path.join(folder, '.ninja_log')).toString('utf8'));
  if (log.size === 0) return causes;
  let deps: DepLog | undefined;
  const times = new Map<string, bigint | undefined>();
  /** The time of a file's last change; undefined if it does not exist. */
  const changed = (name: string): bigint | undefined => {
    if (!times.has(name))
      times.set(name, fs.statSync(path.resolve(cwd, name), { bigint: true, throwIfNoEntry: false })?.mtimeNs);
    return times.get(name);
  };
  for (const [edge, { done }] of edges) {
    const before = edge.outputs.map((output) => madeBefore(log.get(output), done));
    if (!before.every((made) => made !== undefined)) {
      causes.set(edge, { missing: true });
      continue;
    }
    const oldest = before.reduce((least, { time }) => (time < least ? time : least), before[0]!.time);
    deps ??= new DepLog(read(path.join(folder, '.ninja_deps')));
    const inputs = inputsOf(manifest, edge);
    for (const output of edge.outputs) for (const input of deps.of(output)) inputs.add(input);
    const newer = [...inputs].filter((input) => {
      const time = changed(input);
      // A file that is gone is out of date. A phony edge without needs and without a file always is.
      return time === undefined ? !manifest.making(input)?.needs.length : time > oldest;
    });
    const command = done && edge.outputs.some((output) => hasOtherCommand(log.get(output)));
    // If nothing else explains the run, an output had been removed.
    if (newer.length === 0 && !command) causes.set(edge, { missing: true });
    else causes.set(edge, { ...(newer.length > 0 ? { newer } : {}), ...(command ? { command } : {}) });
  }
  return causes;
}

/** The inputs that make an edge run if they are newer. A phony edge is replaced by its needs. */
function inputsOf(manifest: Manifest, edge: Edge): Set<string> {
  const inputs = new Set(edge.needs.slice(0, edge.inputs));
  // The set grows during the loop.
  for (const input of inputs) {
    const alias = manifest.making(input);
    if (alias?.phony) for (const need of alias.needs.slice(0, alias.inputs)) inputs.add(need);
  }
  return inputs;
}

/** The previous entry of an output. A failed edge has written no entry for the current run. */
function madeBefore(history: History | undefined, done: boolean): BuildLogEntry | undefined {
  if (!done) return history?.at(-1);
  return history?.length === 2 ? history[0] : undefined;
}

function hasOtherCommand(history: History | undefined): boolean {
  return history?.length === 2 && history[0].command !== history[1].command;
}

function read(file: string): Buffer {
  try {
    return readRegular(file);
  } catch {
    return Buffer.alloc(0);
  }
}
