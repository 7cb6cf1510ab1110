// A build that has ended, walked as a whole: its segments, its jobs in the order in which they are shown, and
// their names.

import { type FlatSegments, FlatWalk } from '../linearize/flatsegments.ts';
import { namesInOrder } from '../linearize/names.ts';
import type { Segments } from '../linearize/segments.ts';
import { type JobsInOrder, jobsInOrder } from '../linearize/shown.ts';
import { Walk } from '../linearize/walk.ts';
import type { LineEnd, Order } from '../linearize/walkoptions.ts';
import type { Build, Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';

export interface WalkedBuild {
  /** The name that is shown, with `#2`. */
  readonly nameOf: (job: Job) => string;
  /** All jobs of which `show` shows something, in the order of needs. */
  readonly shown: () => readonly Job[];
  /** The walk of all of it in the order of needs, from its start. */
  readonly segments: () => Segments;
}

/** @param flat the segments, if they are known. */
export function walkedBuild(build: Build, ends: LineEnd, flat?: FlatSegments): WalkedBuild {
  const segments = (): Segments => (flat ? new FlatWalk(build, flat) : wholeWalk(build, ends));
  let found: JobsInOrder | undefined;
  const inOrder = (): JobsInOrder => (found ??= jobsInOrder(build, segments()));
  return {
    nameOf: lazily(() => namesInOrder(build, () => inOrder().entered)),
    shown: () => inOrder().shown,
    segments,
  };
}

/** The walk of all of a build in the order of needs. */
export function wholeWalk(build: Build, ends: LineEnd): Segments {
  const root = build.jobs[ROOT];
  return new Walk(build, root ? [{ job: root }] : [], { order: 'needs', rootHeader: isNamed(build) }, ends);
}

/** Names are found out when one is asked for. */
export function lazily(find: () => (job: Job) => string): (job: Job) => string {
  let names: ((job: Job) => string) | undefined;
  return (job) => (names ??= find())(job);
}

/** The walk that prints a job's block. @param live the build runs. */
export function blockWalk(build: Build, job: Job, ends: LineEnd, live: boolean): Walk {
  return new Walk(build, [{ job }], { order: 'needs', rootHeader: isNamed(build), live }, ends);
}

/** The walk that lists jobs in the order in which they are printed, with links to those listed above. */
export function listWalk(build: Build, order: Order): Walk {
  const root = build.jobs[ROOT];
  const options = { order, rootHeader: isNamed(build), links: true, sliced: true };
  return new Walk(build, root ? [{ job: root }] : [], options, (_, at) => at);
}

/** The root job has a header of its own, since `-t` names it. */
const isNamed = (build: Build): boolean => build.started?.name !== undefined;
