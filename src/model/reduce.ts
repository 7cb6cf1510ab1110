// The changes to a build. reduce(build, event) and the few named functions below are the only code that
// changes one. The same code serves a live build and one read back from a journal. All other code uses the
// readonly types of build.ts.

import { parseLineage } from './lineage.ts';
import { type Build, type Instance, type Job, type Link, type Step, type Why, succeeded } from './build.ts';
import type { BuildEvent, InstanceStarted, JobStarted, Status } from './events.ts';
import type { Graph } from './graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT, START } from './ids.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type MutableStep = Mutable<Step>;
interface MutableJob extends Omit<Mutable<Job>, 'links' | 'steps' | 'instances'> {
  links: Link[];
  steps: MutableStep[];
  instances: Instance[];
}
interface MutableInstance extends Omit<Mutable<Instance>, 'jobs'> {
  readonly jobs: Job[];
}

/** The kinds of records that may be missing from a journal, by what they would have introduced. */
type Missing = 'jobs' | 'instances' | 'steps' | 'logs';

interface MutableBuild extends Omit<Mutable<Build>, 'jobs' | 'instances' | 'notes' | 'unsplit'> {
  readonly jobs: MutableJob[];
  readonly instances: MutableInstance[];
  readonly notes: string[];
  readonly unsplit: string[];
  /**
   * How many objects were inferred because their records are missing. `logs` counts the jobs up to one that
   * is known by its log only.
   */
  readonly assumed: Record<Missing, number>;
  readonly mostLost: () => number;
}

/** Returns the mutable view of a build. All builds are made by emptyBuild. */
function inside(build: Build): MutableBuild {
  return build as unknown as MutableBuild;
}

/** The event refers to something that no earlier event has introduced, so the journal is damaged. */
export class InconsistentEvent extends Error {}

/**
 * @param mostLost returns how many jobs there can be whose records are missing. It is called only if one is.
 */
export function emptyBuild(mostLost: () => number = () => Infinity): Build {
  const build: MutableBuild = {
    started: undefined,
    jobs: [],
    instances: [],
    notes: [],
    unsplit: [],
    time: 0,
    changeCount: 0,
    assumed: { jobs: 0, instances: 0, steps: 0, logs: 0 },
    mostLost,
    ended: undefined,
  };
  return build;
}

/**
 * Applies one event to the build, in place.
 * @throws InconsistentEvent if it refers to an unknown job or instance.
 */
export function reduce(build: Build, event: BuildEvent): void {
  const changed = inside(build);
  if (event.e !== 'out') changed.changeCount++;
  const handle = HANDLERS[event.e] as (build: MutableBuild, event: BuildEvent) => void;
  handle(changed, event);
  if ('t' in event && event.t > changed.time) changed.time = event.t;
}

/** Sets the id of a build in a store: the name of its folder, whatever its first record says. */
export function setId(build: Build, id: string): void {
  const { started } = build;
  if (started && started.id !== id) inside(build).started = { ...started, id };
}

/** Gives an instance its graph, which is too large for the journal, and its goals, if none are known yet. */
export function setGraph(
  build: Build,
  instance: Instance,
  graph: Graph,
  goals: readonly string[] = [],
): void {
  (instance as MutableInstance).graph = graph;
  setGoals(instance, goals);
  inside(build).changeCount++;
}

/** Gives an instance its goals, if none are known yet. */
export function setGoals(instance: Instance, goals: readonly string[]): void {
  if (instance.goals.length === 0) (instance as MutableInstance).goals = goals;
}

/**
 * Records that a job's log is longer than the journal says.
 * @param size in bytes. A smaller one than before changes nothing.
 * @returns whether the job has grown.
 */
export function grow(job: Job, size: ByteOffset): boolean {
  if (size <= job.size) return false;
  (job as unknown as MutableJob).size = size;
  return true;
}

/** Ends whatever still runs at the time of the last event, since no more events will come. */
export function freeze(build: Build): void {
  const { jobs, instances, time } = inside(build);
  for (const job of jobs) job.ended ??= time;
  for (const instance of instances) instance.ended = true;
}

/**
 * Drops a job's list of needs if its instance's graph has the same. For 100,000 jobs with ten needs each this
 * saves 24 MB.
 */
export function dropKnownNeeds(job: Job): void {
  const node = job.needs ? job.instance?.graph?.get(job.target) : undefined;
  if (node && !node.rules && node.needs.join(' ') === job.needs)
    (job as unknown as MutableJob).needs = undefined;
}

type Handlers = {
  readonly [K in BuildEvent['e']]: (
    build: MutableBuild,
    event: Extract<BuildEvent, { readonly e: K }>,
  ) => void;
};

const HANDLERS: Handlers = {
  build: (build, event) => {
    if (build.started) throw new InconsistentEvent('a second first record');
    build.started = event;
    build.jobs[ROOT] = newJob(ROOT, event.name ?? event.argv.join(' '), undefined, undefined, 0);
  },
  tool: (build, event) => {
    // A make that re-executes itself repeats this record.
    if (build.instances[event.i]) return;
    const parent = jobOf(build, event.j);
    assumeInstances(build, event.i, parent);
    addInstance(build, event.i, parent, event);
  },
  goals: (build, { i, goals }) => {
    instanceOf(build, i).goals = goals;
  },
  said: (build, { i, ranges }) => {
    instanceOf(build, i).outputRanges = inOrder(ranges);
  },
  toolend: (build, { i, exit, keepGoing }) => {
    const instance = instanceOf(build, i);
    instance.ended = true;
    instance.exit = exit;
    instance.keepGoing = keepGoing;
  },
  start: startJob,
  link: (build, event) => {
    const parent = jobOf(build, event.parent);
    addLink(parent, newLink(parent, event, jobOf(build, event.j)));
  },
  need: (build, event) => {
    const parent = jobOf(build, event.parent);
    addLink(parent, newLink(parent, event, undefined, event.name));
  },
  step: startStep,
  stepend: (build, event) => {
    const step = jobOf(build, event.j).steps[event.s];
    if (!step) throw new InconsistentEvent(`step ${event.s} of job ${event.j} is unknown`);
    step.ended = event.t;
    step.status = shared(event.status);
    if (event.user !== undefined) step.user = event.user;
    if (event.sys !== undefined) step.sys = event.sys;
    if (event.rss !== undefined) step.rss = event.rss;
  },
  out: (build, { sizes }) => {
    for (const [id, size] of sizes) grow(jobOf(build, id), size);
  },
  passed: (build, { sizes, without = [], idle = [] }) => {
    for (const id of idle) jobOf(build, id).readerIdle = true;
    for (const [id, from, to] of without) addSwallowed(jobOf(build, id), from, to);
    for (const [id, size] of sizes) {
      const job = jobOf(build, id);
      if (size > job.settled) job.settled = size;
    }
  },
  why: (build, { j, why: said, newer, missing, command }) => {
    const job = jobOf(build, j);
    job.why = {
      ...job.why,
      ...(said === undefined ? {} : { words: said }),
      ...(newer && { newer }),
      ...(missing && { missing }),
      ...(command && { command }),
    };
  },
  end: (build, event) => {
    const job = jobOf(build, event.j);
    job.ended = event.t;
    job.status = event.status && shared(event.status);
    job.ignored = event.ignored ?? false;
    job.skipped = event.skipped ?? false;
    grow(job, event.size);
  },
  note: (build, { text, unsplit }) => {
    build.notes.push(text);
    if (unsplit) build.unsplit.push(text);
  },
  close: (build, event) => {
    build.ended = event;
  },
};

function jobOf(build: MutableBuild, id: JobId): MutableJob {
  const job = build.jobs[id];
  if (!job) throw new InconsistentEvent(`job ${id} is unknown`);
  return job;
}

function instanceOf(build: MutableBuild, id: InstanceId): MutableInstance {
  const instance = build.instances[id];
  if (!instance) throw new InconsistentEvent(`instance ${id} is unknown`);
  return instance;
}

/** Adds a range after the others. Only a damaged journal has one that begins before them. */
function addSwallowed(job: MutableJob, from: ByteOffset, to: ByteOffset): void {
  const last = job.swallowed.at(-1);
  if (to <= from || (last && from < last[1])) return;
  if (last?.[1] === from) job.swallowed = [...job.swallowed.slice(0, -1), [last[0], to]];
  else job.swallowed = [...job.swallowed, [from, to]];
}

function startJob(build: MutableBuild, event: JobStarted): void {
  if (event.j < build.jobs.length) throw new InconsistentEvent(`job ${event.j} is there already`);
  if (event.parent >= event.j)
    throw new InconsistentEvent(`job ${event.j} is said to be started by ${event.parent}`);
  assumeJobs(build, event.j, event.t);
  const parent = jobOf(build, event.parent);
  if (event.i !== undefined) assumeInstances(build, event.i + 1, parent);
  const instance = event.i === undefined ? undefined : instanceOf(build, event.i);
  const job = newJob(event.j, event.name, parent, instance, event.t, event);
  build.jobs.push(job);
  instance?.jobs.push(job);
  addLink(parent, newLink(parent, event, job));
}

function startStep(build: MutableBuild, event: Extract<BuildEvent, { readonly e: 'step' }>): void {
  const job = jobOf(build, event.j);
  const { steps } = job;
  assume(build, 'steps', event.s - steps.length, `step ${event.s} of job ${event.j}`);
  const step: MutableStep = {
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
  // Most jobs have a single step, and an array that grows reserves room for 16 more.
  if (event.s === 0 && steps.length === 0) job.steps = [step];
  else steps[event.s] = step;
}

// Values shared by all jobs that have none of their own, since there may be 100,000 of them.
const NO_WHY: Why = {};
const NO_INSTANCES: Instance[] = [];
const NO_LINKS: Link[] = [];
const NO_RANGES: Instance['outputRanges'] = [];
const STATUS_0: Status = { exit: 0 };

function shared(status: Status): Status {
  return succeeded(status) ? STATUS_0 : status;
}

/** Drops ranges that begin before the previous one ended. Only a damaged journal has such ranges. */
function inOrder(ranges: Instance['outputRanges']): Instance['outputRanges'] {
  let end: number = START;
  return ranges.filter(([from, to]) => {
    if (from < end || to <= from) return false;
    end = to;
    return true;
  });
}

// -- missing records -------------------------------------------------------------------------------------

/**
 * The largest number of missing records in one build. A higher number is itself damaged, and a few such
 * numbers must not fill the memory.
 */
const MOST_MISSING: Readonly<Record<Missing, number>> = {
  jobs: 100_000,
  instances: 10_000,
  steps: 10_000,
  logs: 100_000,
};

/**
 * Counts inferred objects.
 * @throws InconsistentEvent if there would be too many to be credible.
 */
function assume(build: MutableBuild, kind: Missing, count: number, what: string): void {
  if (count <= 0) return;
  const { assumed } = build;
  const most = Math.min(MOST_MISSING[kind], kind === 'jobs' ? build.mostLost() : Infinity);
  if (assumed[kind] + count > most) throw new InconsistentEvent(`${what} is out of turn`);
  assumed[kind] += count;
}

/**
 * Adds the jobs whose records are missing. They still have logs, which are shown at the current end of the
 * root job's log.
 * @param before the first job that has a record.
 * @throws InconsistentEvent if there would be too many.
 */
function assumeJobs(build: MutableBuild, before: JobId, t: number): void {
  assume(build, 'jobs', before - build.jobs.length, `job ${before}`);
  addLostJobs(build, before, t);
}

/**
 * Adds a job that is known by its log only, and those before it that have no record either.
 * @throws InconsistentEvent if there would be too many.
 */
export function addLoggedJob(build: Build, id: JobId): void {
  const changed = inside(build);
  const before = (id + 1) as JobId;
  assume(changed, 'logs', id - build.jobs.length, `job ${before}`);
  addLostJobs(changed, before, build.time);
}

function addLostJobs(build: MutableBuild, before: JobId, t: number): void {
  const [root] = build.jobs;
  if (!root) throw new InconsistentEvent('the first record is missing');
  for (let id = build.jobs.length as JobId; id < before; id++) {
    const job = newJob(id, `lost-${id}`, root, undefined, t, { lost: true });
    build.jobs.push(job);
    addLink(root, newLink(root, { at: root.size, t }, job));
  }
}

/**
 * Adds the instances whose records are missing, so that the jobs of one instance still belong together. Their
 * job is the one in which the known instance ran.
 */
function assumeInstances(build: MutableBuild, before: number, job: MutableJob): void {
  assume(build, 'instances', before - build.instances.length, `instance ${before}`);
  for (let id = build.instances.length; id < before; id++)
    addInstance(build, id as InstanceId, job, { tool: 'make', cwd: '', argv: [] });
}

// -- new objects -----------------------------------------------------------------------------------------

function addInstance(
  build: MutableBuild,
  id: InstanceId,
  job: MutableJob,
  event: Pick<InstanceStarted, 'tool' | 'cwd' | 'argv' | 'at' | 'piped' | 'born'>,
): void {
  const { tool, cwd, argv, at = START, piped, born } = event;
  const instance: MutableInstance = {
    id,
    tool,
    job,
    cwd,
    argv,
    at,
    linksBefore: job.links.length,
    piped: piped ?? false,
    lineage: born === undefined ? undefined : parseLineage(born),
    outputRanges: NO_RANGES,
    goals: [],
    jobs: [],
    ended: false,
    exit: undefined,
    keepGoing: undefined,
    graph: undefined,
  };
  build.instances.push(instance);
  if (job.instances === NO_INSTANCES) job.instances = [instance];
  else job.instances.push(instance);
}

function newLink(
  parent: MutableJob,
  event: { readonly at: ByteOffset; readonly mid?: true; readonly t: number },
  job: Job | undefined,
  need?: string,
): Link {
  const { at, mid = false, t } = event;
  return { at, midLine: mid, stepsBefore: parent.steps.length, time: t, job, need };
}

function addLink(job: MutableJob, link: Link): void {
  if (job.links === NO_LINKS) job.links = [link];
  else job.links.push(link);
}

/** The details of a job in its first record. */
interface JobDetails extends Partial<
  Pick<
    JobStarted,
    'target' | 'needs' | 'newer' | 'missing' | 'aside' | 'piped' | 'to' | 'kept' | 'born' | 'folder'
  >
> {
  /** That record is missing. */
  readonly lost?: true;
}

function newJob(
  id: JobId,
  name: string,
  parent: Job | undefined,
  instance: Instance | undefined,
  started: number,
  details: JobDetails = {},
): MutableJob {
  const job: MutableJob = {
    id,
    name,
    target: details.target ?? name,
    parent,
    instance,
    needs: details.needs ?? '',
    newer: details.newer ?? '',
    why: details.missing ? { missing: true } : NO_WHY,
    redirected: details.aside ?? false,
    piped: details.piped ?? false,
    pipe: parent?.pipe,
    kept: parent?.kept,
    settled: START,
    readerIdle: false,
    swallowed: NO_RANGES,
    lineage: details.born === undefined ? undefined : parseLineage(details.born),
    folder: details.folder,
    lost: details.lost ?? false,
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
  if (details.to === 'pipe') job.pipe = job;
  if (details.kept) job.kept = job;
  return job;
}
