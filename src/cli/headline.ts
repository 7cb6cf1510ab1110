// The line above a log on a terminal: which build this is, how old, and how it ended.

import { failed } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { buildLine, buildResult, startOf } from '../render/buildlist.ts';
import { silentJobs } from '../render/hidesilent.ts';
import { listBuilds, shortIds } from '../store/builds.ts';
import type { Place } from '../store/place.ts';
import type { RecordedBuild } from '../store/reader.ts';
import type { Style, ViewOptions } from '../render/renderers.ts';
import { columns } from './terminal.ts';

/** Returns the line for this build with its newline; '' if the options want nothing but logs. */
export async function headline(
  { id, build, state }: Pick<RecordedBuild, 'id' | 'build' | 'state'>,
  place: Place,
  { json, raw, quiet, hideSilent }: ViewOptions,
  style: Style,
): Promise<string> {
  const { started, ended } = build;
  if (json || raw || quiet || !started) return '';
  const jobs = build.jobs.filter((job) => job.id !== ROOT);
  const end = buildResult(ended, state);
  const row = {
    id,
    back: '',
    short: shortIds(listBuilds(place.store)).get(id) ?? id,
    ...startOf(started),
    ms: ended?.t ?? build.time,
    end,
    bad: !['ok', 'running'].includes(end),
    jobs: ended?.jobs ?? jobs.length,
    silent: hideSilent ? silentJobs(build) : 0,
    failed: ended?.failed ?? jobs.filter(failed).length,
  };
  return `${buildLine(row, columns(), await elideFor(row.command), style)}\n`;
}

/** What measures text is slow to load; most commands are ASCII. */
async function elideFor(command: string): Promise<(text: string, width: number) => string> {
  if (/^[ -~]*$/.test(command)) return (text, width) => (text.length <= width ? text : cut(text, width));
  return (await import('../render/width.ts')).elideMiddle;
}

/** Does for ASCII what elideMiddle does. */
function cut(text: string, width: number): string {
  const start = Math.floor((width - 3) / 2);
  return `${text.slice(0, start)}...${text.slice(text.length - (width - 3 - start))}`;
}
