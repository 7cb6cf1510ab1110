// Why edges ran: ninja's own rules (graph.cc, RecomputeOutputDirty), applied to its build log and dep log
// once it has ended. Before the build nothing is read, so that nothing is slower for it. Does not know what
// the user changed since the build began.

import fs from 'node:fs';
import path from 'node:path';
import type { JobExplained } from '../../../model/events.ts';
import { readRegular } from '../../../store/plainfile.ts';
import type { Edge, Manifest } from './manifest.ts';
import { type BuildLogEntry, type History, readBuildLog } from './buildlog.ts';
import { DepLog } from './deplog.ts';

/** The largest log that is read: those of the largest builds known are a tenth of this. */
const LARGEST = 1024 * 1024 * 1024;

/** The fields of an event that tell why an edge ran. */
export type Cause = Pick<JobExplained, 'newer' | 'missing' | 'command'>;

/**
 * Finds out why edges ran in a build that has just ended.
 * @param cwd where ninja ran.
 * @param edges with whether they succeeded: of what failed ninja's log has the time before.
 * @returns by edge; nothing for those of which nothing is known.
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
  /** When a file was changed; undefined where there is none. */
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
      // What is gone is out of date, and so is, each time, a phony edge without needs and without a file.
      return time === undefined ? !manifest.making(input)?.needs.length : time > oldest;
    });
    const command = done && edge.outputs.some((output) => hasOtherCommand(log.get(output)));
    // An output had been removed, if nothing else explains the run.
    if (newer.length === 0 && !command) causes.set(edge, { missing: true });
    else causes.set(edge, { ...(newer.length > 0 ? { newer } : {}), ...(command ? { command } : {}) });
  }
  return causes;
}

/** What makes an edge run when it is newer; what a phony edge needs counts in its place. */
function inputsOf(manifest: Manifest, edge: Edge): Set<string> {
  const inputs = new Set(edge.needs.slice(0, edge.inputs));
  // A set can grow while it is walked.
  for (const input of inputs) {
    const alias = manifest.making(input);
    if (alias?.phony) for (const need of alias.needs.slice(0, alias.inputs)) inputs.add(need);
  }
  return inputs;
}

/** The time before this one; what failed has left no line for this one. */
function madeBefore(history: History | undefined, done: boolean): BuildLogEntry | undefined {
  if (!done) return history?.at(-1);
  return history?.length === 2 ? history[0] : undefined;
}

function hasOtherCommand(history: History | undefined): boolean {
  return history?.length === 2 && history[0].command !== history[1].command;
}

function read(file: string): Buffer {
  try {
    return readRegular(file, LARGEST);
  } catch {
    return Buffer.alloc(0);
  }
}
