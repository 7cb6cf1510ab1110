// What a job said in another build and in this one, as `loglin diff` prints it.

import { JobComparer } from '../compare/jobs.ts';
import { unified } from '../compare/print.ts';
import { TextDocument } from '../documents/document.ts';
import type { Job } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import { untimed } from '../problems/boundedpatterns.ts';
import type { OtherBuilds } from './otherbuilds.ts';
import type { PageBuild } from './pagebuild.ts';

/** Unchanged lines around changes. */
const CONTEXT = 3;
/** Larger logs are not compared here, since nothing else would be answered meanwhile; in bytes. */
const MOST = 32 * 1024 * 1024;

/** @param id of the other build; undefined: the one in which the job ran last. */
export async function diffDocument(
  shown: PageBuild,
  job: Job,
  id: string | undefined,
  others: OtherBuilds,
): Promise<TextDocument> {
  const other = id === undefined ? undefined : await others.open(id);
  const counterpart = other && others.counterpart(job, other);
  const from =
    id === undefined ? await others.lastRun(job) : counterpart && { recorded: other, job: counterpart };
  if (!from)
    return said(id === undefined ? 'it has not run in the builds before' : `it did not run in build ${id}`);
  if (Math.max(job.size, from.job.size) > MOST)
    throw new Failure('its log is too long to be compared here: loglin diff compares it');
  const comparer = new JobComparer<PageBuild>({
    exact: false,
    context: CONTEXT,
    project: (recorded) => recorded.project,
    patterns: untimed([]),
  });
  const difference = comparer.compare(from, { recorded: shown, job });
  if (comparer.running > 0) return said('it runs: there is nothing to compare yet');
  if (!difference) return said(`it said the same in build ${from.recorded.id}`);
  const origin = (build: PageBuild, of: Job): { build: string; job: number; status: Job['status'] } => ({
    build: build.id,
    job: of.id,
    status: of.status,
  });
  const differing = {
    name: shown.nameOf(job),
    from: origin(from.recorded, from.job),
    to: origin(shown, job),
    difference,
  };
  const plain = [...unified(differing, { colour: false, ascii: false })];
  const coloured = [...unified(differing, { colour: true, ascii: false })];
  // Where colours take the place of signs, the signs stay.
  return new TextDocument(
    plain.map((text, i) => ({ text: uncoloured(coloured[i]!) === text ? coloured[i]! : text })),
  );
}

const said = (text: string): TextDocument => new TextDocument([{ text }]);

const uncoloured = (text: string): string => text.replaceAll(/\x1b\[[\d;]*m/g, '');

/** Whether a line of a diff is only in one of the builds: its colour says it, which no log has here. */
export function changeOf(text: string): '-' | '+' | undefined {
  if (text.startsWith('\x1b[31m-')) return '-';
  return text.startsWith('\x1b[32m+') ? '+' : undefined;
}
