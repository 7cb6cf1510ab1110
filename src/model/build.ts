// The state of a build: reduce(build, event). The same code serves a live build and one read back from a journal.
// Knows no log's content, only sizes.

import { type Lineage, parseLineage } from './birth.ts';
import type { BuildEnded, BuildEvent, BuildStarted, InstanceStarted, Status } from './events.ts';
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
  /** When. */
  readonly t: number;
  /** The job; missing for a need that did not run in this build. */
  readonly job: Job | undefined;
  readonly need: string | undefined;
}

export interface Step {
  readonly at: ByteOffset;
  readonly argv: readonly string[];
  readonly echo: boolean;
  readonly started: number;
  ended: number | undefined;
  status: Status | undefined;
  user: number | undefined;
  sys: number | undefined;
  rss: number | undefined;
}

export interface Job {
  readonly id: JobId;
  /** As shown, without `#2`. */
  readonly name: string;
  /** As the tool names it. */
  readonly target: string;
  readonly parent: Job | undefined;
  readonly instance: Instance | undefined;
  /** What it needs, as its tool told it when it ran; undefined: just what the graph of its instance says. */
  needs: string | undefined;
  readonly newer: string;
  /** What is known of why it ran. */
  why: Why;
  readonly aside: boolean;
  /** What it says may come in its parent's log. */
  readonly piped: boolean;
  /** A nested loglin's process. */
  readonly born: Lineage | undefined;
  /** What its output's relative file names are relative to, where no instance says it. */
  readonly folder: string | undefined;
  /** Its start is not in the journal: it stands in for what its log belongs to. */
  readonly lost: boolean;
  readonly started: number;
  links: readonly Link[];
  steps: Step[];
  /** The tool instances that ran in it. */
  instances: readonly Instance[];
  /** So far, if it runs. */
  size: ByteOffset;
  ended: number | undefined;
  status: Status | undefined;
  ignored: boolean;
  /** It did nothing, and says so: a test that was skipped. */
  skipped: boolean;
}

/** What is known of why a job ran. */
export interface Why {
  /** The tool's own words. */
  readonly said?: string;
  /** The needs that were newer, where the tool's records say it. */
  readonly newer?: readonly string[];
  /** What it makes was not there. */
  readonly missing?: boolean;
  /** Its command is another one than last time. */
  readonly command?: boolean;
}

export interface Instance {
  readonly id: InstanceId;
  readonly tool: string;
  readonly job: Job;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** Where in its job's log it began. */
  readonly at: ByteOffset;
  /** How many links its job had when it was first told of: of one that had nothing to do, when it ended. */
  readonly after: number;
  /** What its jobs say may come in their parent's log. */
  readonly piped: boolean;
  readonly born: Lineage | undefined;
  /** What it said itself in its job's log, where another spoke there at the same time: the pieces, in order. */
  said: readonly (readonly [ByteOffset, ByteOffset])[];
  goals: readonly string[];
  readonly jobs: Job[];
  ended: boolean;
  /** Its exit status, where it is known. */
  exit: number | undefined;
  /** It goes on after a failure (`-k`), where its tool says so. */
  keepGoing: boolean | undefined;
  /** Its graph, once known: set from outside, since it is too large for the journal. */
  graph: Graph | undefined;
}

export interface Build {
  started: BuildStarted | undefined;
  readonly jobs: Job[];
  readonly instances: Instance[];
  readonly notes: string[];
  /** Those of the notes that say why the build, or a part of it, is one job. */
  readonly unsplit: string[];
  /** The time of the last event. */
  time: number;
  /** How many events said more than that logs grew. */
  revision: number;
  /** How many had to be assumed, since their records are lost; `logs`: jobs below one that only its log is known of. */
  readonly assumed: Record<'jobs' | 'instances' | 'steps' | 'logs', number>;
  /** How many jobs there can be whose records are lost; asked only where one is missing. */
  mostLost?: () => number;
  ended: BuildEnded | undefined;
}

export function emptyBuild(): Build {
  const assumed = { jobs: 0, instances: 0, steps: 0, logs: 0 };
  return {
    started: undefined,
    jobs: [],
    instances: [],
    notes: [],
    unsplit: [],
    time: 0,
    revision: 0,
    assumed,
    ended: undefined,
  };
}

/** Did it fail in the eyes of its tool? */
export function failed(job: Job): boolean {
  return job.status !== undefined && !job.ignored && !succeeded(job.status);
}

/** What the file names in a job's output are relative to: where its tool ran, or that of a job above it; undefined: not known. */
export function folderOf(job: Job): string | undefined {
  for (let at: Job | undefined = job; at; at = at.parent) {
    if (at.folder !== undefined) return at.folder;
    if (at.instance) return at.instance.cwd;
  }
  return undefined;
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
  if (event.e !== 'out') build.revision++;
  switch (event.e) {
    case 'build':
      if (build.started) throw new InconsistentEvent('a second first record');
      build.started = event;
      build.jobs[ROOT] = newJob(ROOT, event.name ?? event.argv.join(' '), undefined, undefined, 0);
      return;
    case 'tool': {
      const there = build.instances[event.i];
      if (there) return;
      const parent = job(event.j);
      standInInstances(build, event.i, parent);
      addInstance(build, event.i, parent, event);
      break;
    }
    case 'goals':
      instance(event.i).goals = event.goals;
      return;
    case 'said':
      instance(event.i).said = inTurn(event.ranges);
      return;
    case 'toolend': {
      const ended = instance(event.i);
      ended.ended = true;
      ended.exit = event.exit;
      ended.keepGoing = event.keepGoing;
      break;
    }
    case 'start': {
      if (event.j < build.jobs.length) throw new InconsistentEvent(`job ${event.j} is there already`);
      if (event.parent >= event.j)
        throw new InconsistentEvent(`job ${event.j} is said to be started by ${event.parent}`);
      standIn(build, event.j, event.t);
      const parent = job(event.parent);
      if (event.i !== undefined) standInInstances(build, event.i + 1, parent);
      const from = event.i === undefined ? undefined : instance(event.i);
      const started = newJob(event.j, event.name, parent, from, event.t, event);
      build.jobs.push(started);
      from?.jobs.push(started);
      addLink(parent, link(parent, event, started));
      break;
    }
    case 'link':
      addLink(job(event.parent), link(job(event.parent), event, job(event.j)));
      break;
    case 'need':
      addLink(job(event.parent), link(job(event.parent), event, undefined, event.name));
      break;
    case 'step': {
      const { steps } = job(event.j);
      assume(build, 'steps', event.s - steps.length, `step ${event.s} of job ${event.j}`);
      const step: Step = {
        at: event.at,
        argv: event.argv,
        echo: event.echo ?? false,
        started: event.t,
        ended: undefined,
        status: undefined,
        user: undefined,
        sys: undefined,
        rss: undefined,
      };
      // Most jobs have one: an array that grows has room for 16 more.
      if (event.s === 0 && steps.length === 0) job(event.j).steps = [step];
      else steps[event.s] = step;
      break;
    }
    case 'stepend': {
      const step = known(job(event.j).steps[event.s], `step ${event.s} of job ${event.j} is unknown`);
      step.ended = event.t;
      step.status = shared(event.status);
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
    case 'why':
      {
        const explained = job(event.j);
        const { why: said, newer, missing, command } = event;
        explained.why = {
          ...explained.why,
          ...(said === undefined ? {} : { said }),
          ...(newer && { newer }),
          ...(missing && { missing }),
          ...(command && { command }),
        };
      }
      break;
    case 'end': {
      const ended = job(event.j);
      ended.ended = event.t;
      ended.status = event.status && shared(event.status);
      ended.ignored = event.ignored ?? false;
      ended.skipped = event.skipped ?? false;
      if (event.size > ended.size) ended.size = event.size;
      break;
    }
    case 'note':
      build.notes.push(event.text);
      if (event.unsplit) build.unsplit.push(event.text);
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

const NOTHING_KNOWN: Why = {};
const NO_INSTANCES: readonly Instance[] = [];
const NOTHING_SAID: Instance['said'] = [];

/** Those of these pieces that begin where the one before ended, or later: a damaged journal may have others. */
function inTurn(ranges: Instance['said']): Instance['said'] {
  let end: number = START;
  return ranges.filter(([from, to]) => {
    if (from < end || to <= from) return false;
    end = to;
    return true;
  });
}
/** Most jobs launch none: one for all of them. */
const NO_LINKS: readonly Link[] = [];

/** More than this were not lost of one build: it is the number that is damaged, and a few of these must not fill the memory. */
const MOST_LOST: Readonly<Record<keyof Build['assumed'], number>> = {
  jobs: 100_000,
  instances: 10_000,
  steps: 10_000,
  logs: 100_000,
};

/** Takes note of what is to be assumed. @throws InconsistentEvent where that is too much to be true. */
function assume(build: Build, kind: keyof Build['assumed'], count: number, what: string): void {
  if (count <= 0) return;
  const { assumed } = build;
  const most = Math.min(MOST_LOST[kind], (kind === 'jobs' ? build.mostLost?.() : undefined) ?? Infinity);
  if (assumed[kind] + count > most) throw new InconsistentEvent(`${what} is out of turn`);
  assumed[kind] += count;
}

/**
 * Records were lost: the jobs that they introduced still have logs, which are shown at the root's end of now.
 * @param before the first job that is known again.
 * @param logged the one before that has a log.
 * @throws InconsistentEvent
 */
export function standIn(build: Build, before: JobId, t = build.time, logged = false): void {
  const root = known(build.jobs[ROOT], 'the first record is missing');
  if (logged) assume(build, 'logs', before - build.jobs.length - 1, `job ${before}`);
  else assume(build, 'jobs', before - build.jobs.length, `job ${before}`);
  for (let id = build.jobs.length as JobId; id < before; id++) {
    const lost = newJob(id, `lost-${id}`, root, undefined, t, { lost: true });
    build.jobs.push(lost);
    addLink(root, link(root, { at: root.size, t }, lost));
  }
}

/** Likewise: a tool's jobs still belong together. Their parent is the job that it ran in. */
function standInInstances(build: Build, before: number, job: Job): void {
  assume(build, 'instances', before - build.instances.length, `instance ${before}`);
  for (let id = build.instances.length; id < before; id++)
    addInstance(build, id as InstanceId, job, { tool: 'make', cwd: '', argv: [] });
}

function addInstance(
  build: Build,
  id: InstanceId,
  job: Job,
  event: Pick<InstanceStarted, 'tool' | 'cwd' | 'argv' | 'at' | 'piped' | 'born'>,
): void {
  const { tool, cwd, argv, at = START, piped, born } = event;
  const instance: Instance = {
    id,
    tool,
    job,
    cwd,
    argv,
    at,
    after: job.links.length,
    piped: piped ?? false,
    born: born === undefined ? undefined : parseLineage(born),
    said: NOTHING_SAID,
    goals: [],
    jobs: [],
    ended: false,
    exit: undefined,
    keepGoing: undefined,
    graph: undefined,
  };
  build.instances.push(instance);
  if (job.instances === NO_INSTANCES) job.instances = [instance];
  else (job.instances as Instance[]).push(instance);
}

function link(
  parent: Job,
  event: { readonly at: ByteOffset; readonly mid?: true; readonly t: number },
  job: Job | undefined,
  need?: string,
): Link {
  const { at, mid = false, t } = event;
  return { at, mid, after: parent.steps.length, t, job, need };
}

function addLink(job: Job, added: Link): void {
  if (job.links === NO_LINKS) job.links = [added];
  else (job.links as Link[]).push(added);
}

const STATUS_0: Status = { exit: 0 };

/** One for all that succeeded. */
function shared(status: Status): Status {
  return succeeded(status) ? STATUS_0 : status;
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
    readonly missing?: true;
    readonly aside?: true;
    readonly piped?: true;
    readonly born?: string;
    readonly folder?: string;
    readonly lost?: true;
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
    why: event?.missing ? { missing: true } : NOTHING_KNOWN,
    aside: event?.aside ?? false,
    piped: event?.piped ?? false,
    born: event?.born === undefined ? undefined : parseLineage(event.born),
    folder: event?.folder,
    lost: event?.lost ?? false,
    started,
    links: NO_LINKS,
    steps: [],
    instances: NO_INSTANCES,
    size: START,
    ended: undefined,
    status: undefined,
    ignored: false,
    skipped: false,
  };
}
