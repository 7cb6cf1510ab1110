// The state of a build: reduce(build, event). The same code serves a live build and one read back from a journal.
// Knows no log's content, only sizes.

import type { BuildEnded, BuildEvent, BuildStarted, Status } from './events.ts';
import type { Graph } from './graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT, START } from './ids.ts';
import { unreachable } from './unreachable.ts';

/** A place in a log at which a job was launched, or at which it was found to have been. */
export interface Link {
  readonly at: ByteOffset;
  /** `at` is inside a line: what is linked is shown after that line. */
  readonly mid: boolean;
  /** How many of the parent's steps had begun. */
  readonly after: number;
  /** The job; missing for a need that did not run in this build. */
  readonly job?: Job;
  readonly need?: string;
}

export interface Step {
  readonly at: ByteOffset;
  readonly argv: readonly string[];
  readonly echo: boolean;
  readonly started: number;
  ended?: number;
  status?: Status;
  user?: number;
  sys?: number;
  rss?: number;
}

export interface Job {
  readonly id: JobId;
  /** As shown, without `#2`. */
  readonly name: string;
  /** As the tool names it. */
  readonly target: string;
  readonly parent: Job | undefined;
  readonly instance: Instance | undefined;
  readonly needs: string;
  readonly newer: string;
  readonly aside: boolean;
  readonly started: number;
  readonly links: Link[];
  readonly steps: Step[];
  /** So far, if it runs. */
  size: ByteOffset;
  ended: number | undefined;
  status: Status | undefined;
  ignored: boolean;
}

export interface Instance {
  readonly id: InstanceId;
  readonly tool: string;
  readonly job: Job;
  readonly cwd: string;
  readonly argv: readonly string[];
  goals: readonly string[];
  readonly jobs: Job[];
  ended: boolean;
  /** Its graph, once known: set from outside, since it is too large for the journal. */
  graph: Graph | undefined;
}

export interface Build {
  started: BuildStarted | undefined;
  readonly jobs: Job[];
  readonly instances: Instance[];
  readonly notes: string[];
  /** The time of the last event. */
  time: number;
  ended: BuildEnded | undefined;
}

export function emptyBuild(): Build {
  return { started: undefined, jobs: [], instances: [], notes: [], time: 0, ended: undefined };
}

/** Did it fail in the eyes of its tool? */
export function failed(job: Job): boolean {
  return job.status !== undefined && !job.ignored && !succeeded(job.status);
}

export function succeeded(status: Status): boolean {
  return 'exit' in status && status.exit === 0;
}

/** An event speaks of something that no earlier event has introduced: the journal is damaged. */
export class InconsistentEvent extends Error {}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InconsistentEvent(what);
  return value;
}

/**
 * Takes one event into the build, in place.
 * @throws InconsistentEvent when it speaks of an unknown job or instance; the build is then as it was.
 */
export function reduce(build: Build, event: BuildEvent): void {
  const job = (id: JobId): Job => known(build.jobs[id], `job ${id} is unknown`);
  const instance = (id: InstanceId): Instance => known(build.instances[id], `instance ${id} is unknown`);
  switch (event.e) {
    case 'build':
      build.started = event;
      build.jobs[ROOT] = newJob(ROOT, event.name ?? event.argv.join(' '), undefined, undefined, 0);
      return;
    case 'tool': {
      const there = build.instances[event.i];
      if (there) return;
      if (event.i !== build.instances.length)
        throw new InconsistentEvent(`instance ${event.i} is out of turn`);
      build.instances.push({
        id: event.i,
        tool: event.tool,
        job: job(event.j),
        cwd: event.cwd,
        argv: event.argv,
        goals: [],
        jobs: [],
        ended: false,
        graph: undefined,
      });
      break;
    }
    case 'goals':
      instance(event.i).goals = event.goals;
      return;
    case 'toolend':
      instance(event.i).ended = true;
      break;
    case 'start': {
      const parent = job(event.parent);
      const from = event.i === undefined ? undefined : instance(event.i);
      if (event.j < build.jobs.length) throw new InconsistentEvent(`job ${event.j} is there already`);
      standIn(build, event.j);
      const started = newJob(event.j, event.name, parent, from, event.t, event);
      build.jobs.push(started);
      from?.jobs.push(started);
      parent.links.push({ ...place(parent, event), job: started });
      break;
    }
    case 'link':
      job(event.parent).links.push({ ...place(job(event.parent), event), job: job(event.j) });
      break;
    case 'need':
      job(event.parent).links.push({ ...place(job(event.parent), event), need: event.name });
      break;
    case 'step':
      job(event.j).steps[event.s] = {
        at: event.at,
        argv: event.argv,
        echo: event.echo ?? false,
        started: event.t,
      };
      break;
    case 'stepend': {
      const step = known(job(event.j).steps[event.s], `step ${event.s} of job ${event.j} is unknown`);
      step.ended = event.t;
      step.status = event.status;
      if (event.user !== undefined) step.user = event.user;
      if (event.sys !== undefined) step.sys = event.sys;
      if (event.rss !== undefined) step.rss = event.rss;
      break;
    }
    case 'out':
      for (const [id, size] of event.sizes) {
        const grown = job(id);
        if (size > grown.size) grown.size = size;
      }
      break;
    case 'end': {
      const ended = job(event.j);
      ended.ended = event.t;
      ended.status = event.status;
      ended.ignored = event.ignored ?? false;
      if (event.size > ended.size) ended.size = event.size;
      break;
    }
    case 'note':
      build.notes.push(event.text);
      break;
    case 'close': {
      build.ended = event;
      break;
    }
    default:
      return unreachable(event);
  }
  if (event.t > build.time) build.time = event.t;
}

/** Records were lost: the jobs that they introduced still have logs, which are shown at the root's end of now. */
function standIn(build: Build, before: JobId): void {
  const root = known(build.jobs[ROOT], 'the first record is missing');
  for (let id = build.jobs.length as JobId; id < before; id++) {
    const lost = newJob(id, `lost-${id}`, root, undefined, build.time);
    build.jobs.push(lost);
    root.links.push({ ...place(root, { at: root.size }), job: lost });
  }
}

function place(
  parent: Job,
  event: { readonly at: ByteOffset; readonly mid?: true },
): Omit<Link, 'job' | 'need'> {
  return { at: event.at, mid: event.mid ?? false, after: parent.steps.length };
}

function newJob(
  id: JobId,
  name: string,
  parent: Job | undefined,
  instance: Instance | undefined,
  started: number,
  event?: {
    readonly target?: string;
    readonly needs?: string;
    readonly newer?: string;
    readonly aside?: true;
  },
): Job {
  return {
    id,
    name,
    target: event?.target ?? name,
    parent,
    instance,
    needs: event?.needs ?? '',
    newer: event?.newer ?? '',
    aside: event?.aside ?? false,
    started,
    links: [],
    steps: [],
    size: START,
    ended: undefined,
    status: undefined,
    ignored: false,
  };
}
