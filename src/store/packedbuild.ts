// A build as columns (columns.ts): what a reader has made of a journal and its graphs, kept so that it need
// not be made again. This file writes them, unpackedbuild.ts reads them.

import type { Build, Instance, Job, Step } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import type { FlatGraph, GraphCall } from '../model/graph.ts';
import type { InstanceId, JobId } from '../model/ids.ts';
import type { ColumnWriter } from './columns.ts';
import type { StoredGraph } from '../record/graphs.ts';

/** The segments of the walk of the whole build in the order of needs (linearize/flatsegments.ts). */
export type StoredSegments = Readonly<Record<(typeof SEGMENT)[number], ArrayLike<number>>>;

export const SEGMENT = ['kind', 'job', 'from', 'length', 'depth'] as const;

/** What is said once, and what is rare. */
export interface PackedHead {
  readonly build: Pick<Build, 'started' | 'notes' | 'unsplit' | 'time' | 'changeCount' | 'ended'>;
  readonly instances: readonly PackedInstance[];
  readonly graphs: readonly PackedCall[];
  readonly hasSegments: boolean;
}

export type PackedInstance = Omit<Instance, 'id' | 'job' | 'jobs' | 'graph'> & { readonly job: JobId };
export type PackedCall = GraphCall & { readonly i: InstanceId };

/** The fields that few jobs have. */
export type RareFields = Partial<
  Pick<Job, 'why' | 'settled' | 'readerIdle' | 'swallowed' | 'lineage' | 'folder'> & {
    readonly pipe: JobId;
    readonly kept: JobId;
  }
>;

/** The bits of a job. */
export const REDIRECTED = 1;
export const PIPED = 2;
export const IGNORED = 4;
export const SKIPPED = 8;
/** All that is known of why it ran. */
export const MISSING = 16;

/** An exit status as it is, a signal as a negative number. */
const numberOf = (status: Status | undefined): number | undefined =>
  status && ('exit' in status ? status.exit : -status.signal);

/**
 * Writes the columns of a build whose record is undamaged.
 * @param graphs those of its instances. @param segments undefined: they depend on the text of logs.
 * @returns what belongs into the file's head; undefined if the build cannot be written.
 */
export function packBuild(
  { started, jobs, instances, notes, unsplit, time, changeCount, ended }: Build,
  graphs: ReadonlyMap<InstanceId, StoredGraph>,
  segments: StoredSegments | undefined,
  to: ColumnWriter,
): PackedHead | undefined {
  // There are holes where records are missing.
  for (const { lost, steps } of jobs)
    if (lost || steps.includes(undefined as unknown as Step)) return undefined;
  packJobs(jobs, to);
  packSteps(jobs, to);
  packLinks(jobs, to);
  packGraphs(
    [...graphs.values()].map(({ graph }) => graph),
    to,
  );
  if (segments) for (const name of SEGMENT) to.add(`segment ${name}`, segments[name]);
  return {
    build: { started, notes, unsplit, time, changeCount, ended },
    instances: instances.map(({ job, jobs: _jobs, graph: _graph, id: _id, ...rest }) => ({
      ...rest,
      job: job.id,
    })),
    hasSegments: segments !== undefined,
    graphs: [...graphs.values()].map(({ i, tool, cwd, argv, goals }) => ({ i, tool, cwd, argv, goals })),
  };
}

function packJobs(jobs: readonly Job[], to: ColumnWriter): void {
  const column = (name: string, of: (job: Job) => number | undefined): void => {
    to.add(name, jobs.map(of));
  };
  column('name', ({ name }) => to.text(name));
  column('target', ({ target }) => to.text(target));
  column('parent', ({ parent }) => parent?.id);
  column('instance', ({ instance }) => instance?.id);
  column('needs', ({ needs }) => (needs === undefined ? undefined : to.text(needs)));
  column('newer', ({ newer }) => to.text(newer));
  column('bits', bitsOf);
  column('started', ({ started }) => started);
  column('ended', ({ ended }) => ended);
  column('status', ({ status }) => numberOf(status));
  column('size', ({ size }) => size);
  column('rare', (job) => {
    const rare = rareOf(job);
    return rare && to.text(JSON.stringify(rare));
  });
}

function bitsOf({ redirected, piped, ignored, skipped, why }: Job): number {
  return (
    (redirected ? REDIRECTED : 0) |
    (piped ? PIPED : 0) |
    (ignored ? IGNORED : 0) |
    (skipped ? SKIPPED : 0) |
    (why.missing ? MISSING : 0)
  );
}

function rareOf(job: Job): RareFields | undefined {
  const { why, pipe, kept, settled, readerIdle, swallowed, lineage, folder } = job;
  const rare: RareFields = {
    ...(why.words !== undefined || why.newer || why.command ? { why } : {}),
    ...(pipe && { pipe: pipe.id }),
    ...(kept && { kept: kept.id }),
    ...(settled > 0 ? { settled } : {}),
    ...(readerIdle ? { readerIdle } : {}),
    ...(swallowed.length > 0 ? { swallowed } : {}),
    ...(lineage && { lineage }),
    ...(folder === undefined ? {} : { folder }),
  };
  return Object.keys(rare).length > 0 ? rare : undefined;
}

function packSteps(jobs: readonly Job[], to: ColumnWriter): void {
  const steps = jobs.flatMap((job) => job.steps);
  const column = (name: string, of: (step: Step) => number | undefined): void => {
    to.add(name, steps.map(of));
  };
  to.add('stepEnd', endsOf(jobs.map((job) => job.steps.length)));
  to.add('argvEnd', endsOf(steps.map(({ argv }) => argv.length)));
  to.add(
    'argv',
    steps.flatMap(({ argv }) => argv.map((word) => to.text(word))),
  );
  column('stepAt', ({ at }) => at);
  column('stepEcho', ({ echo }) => Number(echo));
  column('stepStarted', ({ started }) => started);
  column('stepEnded', ({ ended }) => ended);
  column('stepStatus', ({ status }) => numberOf(status));
  column('user', ({ user }) => user);
  column('sys', ({ sys }) => sys);
  column('rss', ({ rss }) => rss);
}

function packLinks(jobs: readonly Job[], to: ColumnWriter): void {
  const links = jobs.flatMap((job) => job.links);
  to.add('linkEnd', endsOf(jobs.map((job) => job.links.length)));
  to.add(
    'linkAt',
    links.map(({ at }) => at),
  );
  to.add(
    'midLine',
    links.map(({ midLine }) => Number(midLine)),
  );
  to.add(
    'stepsBefore',
    links.map(({ stepsBefore }) => stepsBefore),
  );
  to.add(
    'linkTime',
    links.map(({ time }) => time),
  );
  to.add(
    'linkJob',
    links.map(({ job }) => job?.id),
  );
  to.add(
    'linkNeed',
    links.map(({ need }) => (need === undefined ? undefined : to.text(need))),
  );
}

function packGraphs(graphs: readonly FlatGraph[], to: ColumnWriter): void {
  const all = graphs.map((graph) => graph.arrays());
  const joined = (lists: readonly ArrayLike<number>[]): number[] => {
    const list: number[] = [];
    for (const one of lists) for (const number of Array.from(one)) list.push(number);
    return list;
  };
  to.add('graphNameEnd', endsOf(all.map(({ names }) => names.length)));
  to.add('graphName', joined(all.map(({ names }) => names.map((name) => to.text(name)))));
  to.add('graphFrom', joined(all.map(({ from }) => from)));
  to.add('graphTo', joined(all.map((graph) => graph.to)));
  to.add('graphKind', joined(all.map(({ kind }) => kind)));
  to.add('graphNeedEnd', endsOf(all.map(({ needs }) => needs.length)));
  to.add('graphNeed', joined(all.map(({ needs }) => needs)));
  to.add('graphTargetEnd', endsOf(all.map(({ targets }) => targets.length)));
  to.add('graphTarget', joined(all.map(({ targets }) => targets)));
  to.add(
    'graphRare',
    all.map(({ rare }) => (rare.length > 0 ? to.text(JSON.stringify(rare)) : undefined)),
  );
}

/** The ends of consecutive parts, of the lengths of the parts. */
function endsOf(lengths: readonly number[]): number[] {
  let end = 0;
  return lengths.map((length) => (end += length));
}
