// Candidates for shell completion: targets and builds. Quick rather than complete: nothing is walked, and
// only what a name can be made of is read.

import { localTime, statusText } from '../../render/formats.ts';
import { succeeded } from '../../model/build.ts';
import { escapeName } from '../../model/printable.ts';
import { type BuildSummary, chooseBuild, listBuilds, summarise } from '../../store/builds.ts';
import { graphsOf } from '../../store/buildindex.ts';
import { buildFolder, graphFile, journalFile } from '../../store/layout.ts';
import { shownName } from '../../model/shownname.ts';
import { type Place } from '../../store/place.ts';
import { readStart, statOf } from '../../store/plainfile.ts';

/** A graph's targets are read up to this size: a large one takes longer than somebody waits. */
const MOST_GRAPH = 2 * 1024 * 1024;
/** Of a journal, so much is read. */
const MOST_JOURNAL = 64 * 1024 * 1024;
/** More than anybody picks from. */
const MOST = 2000;

/**
 * The names of a build's targets that begin with what was typed. Left out are those that a shell could not
 * show, since they hold what is not printable, and those that loglin would take for options.
 */
export function targetNames({ root, store }: Place, build: string | undefined, typed: string): string[] {
  const folder = buildFolder(store, chooseBuild(store, build));
  const names = new Set<string>();
  const add = (name: string): boolean => {
    if (name.startsWith(typed) && !name.startsWith('-') && escapeName(name) === name) names.add(name);
    return names.size < MOST;
  };
  for (const name of startedNames(readStart(journalFile(folder), MOST_JOURNAL).toString()))
    if (!add(name)) return [...names];
  const graph = statOf(graphFile(folder));
  if (graph && graph.size <= MOST_GRAPH)
    for (const { cwd, graph: known } of graphsOf(folder).values())
      for (const name of known.keys()) if (!add(shownName(root, cwd, name))) return [...names];
  return [...names];
}

/** The names in a journal's `start` records. */
function* startedNames(journal: string): Generator<string> {
  for (const [, name] of journal.matchAll(/^\{"e":"start",[^\n]*?"name":("(?:[^"\\\n]|\\.)*")/gm)) {
    try {
      yield JSON.parse(name ?? '') as string;
    } catch {
      // A damaged line.
    }
  }
}

/** What `-b` takes, the newest first: `id:when, how it ended, command`. */
export function buildLines(store: string): string[] {
  const summaries = listBuilds(store)
    .slice(-MOST_BUILDS)
    .reverse()
    .map((id) => summarise(store, id));
  const lines = summaries.map((summary) => `${summary.id}:${describe(summary)}`);
  const outer = summaries.filter(({ started }) => !started?.inside);
  const [, before] = outer;
  if (before) lines.push(`-1:the build before the last, ${describe(before)}`);
  const bad = outer.find(({ ended }) => ended && !succeeded(ended.status));
  if (bad) lines.push(`@failed:the last that failed, ${describe(bad)}`);
  return lines;
}

const MOST_BUILDS = 200;

function describe({ started, ended, state }: BuildSummary): string {
  if (!started) return 'damaged';
  const end = !ended ? state : succeeded(ended.status) ? 'ok' : statusText(ended.status);
  const command = escapeName(started.name ?? started.argv.join(' '));
  return `${localTime(new Date(started.at))}, ${end}, ${command.length > 60 ? `${command.slice(0, 57)}...` : command}`;
}
