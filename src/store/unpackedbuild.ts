// A build out of the columns that packedbuild.ts wrote. Jobs are objects that look their fields up; steps,
// links and graphs become objects when somebody asks for them.

import type { Build, Instance, Job, Link, Step, Why } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { FlatGraph, type GraphArrays } from '../model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, START } from '../model/ids.ts';
import type { Lineage } from '../model/lineage.ts';
import type { Column, Columns } from './columns.ts';
import type { StoredGraph } from '../record/graphs.ts';
import {
  IGNORED,
  MISSING,
  PIPED,
  type PackedCall,
  type PackedHead,
  type PackedInstance,
  REDIRECTED,
  type RareFields,
  SEGMENT,
  SKIPPED,
  type StoredSegments,
} from './packedbuild.ts';

const NO_WHY: Why = {};
const WAS_MISSING: Why = { missing: true };
const NO_INSTANCES: readonly Instance[] = [];
const NO_RANGES: Job['swallowed'] = [];
const NO_RARE: RareFields = {};
const STATUS_0: Status = { exit: 0 };

const statusOf = (number: number | undefined): Status | undefined =>
  number === undefined
    ? undefined
    : number === 0
      ? STATUS_0
      : number > 0
        ? { exit: number }
        : { signal: -number };

/** All that the columns hold. */
export interface UnpackedBuild {
  readonly build: Build;
  readonly graphs: ReadonlyMap<InstanceId, StoredGraph>;
  /** Undefined: the build has to be walked. */
  readonly segments: StoredSegments | undefined;
}

/** @throws if a column is missing. */
export function unpackBuild(columns: Columns<PackedHead>): UnpackedBuild {
  const { build, instances, graphs, hasSegments } = columns.about;
  const stored = new UnpackedGraphs(columns, graphs).all();
  const own = new BuildColumns(columns, instances, stored);
  return {
    // reduce.ts makes all other builds. Of this one it changes the sizes of logs, and goals, at most.
    build: { ...build, jobs: own.jobs, instances: own.instances },
    graphs: stored,
    segments: hasSegments ? segmentsOf(columns) : undefined,
  };
}

function segmentsOf(columns: Columns<PackedHead>): StoredSegments {
  const lists = SEGMENT.map((name) => [name, columns.column(`segment ${name}`).values]);
  return Object.fromEntries(lists) as StoredSegments;
}

const JOB = ['name', 'target', 'parent', 'instance', 'needs', 'newer', 'bits', 'started'] as const;
const JOB_END = ['ended', 'status', 'size', 'rare', 'stepEnd', 'linkEnd'] as const;
const STEP = ['stepAt', 'stepEcho', 'stepStarted', 'stepEnded', 'stepStatus', 'user', 'sys', 'rss'] as const;
const ARGV = ['argv', 'argvEnd'] as const;
const LINK = ['linkAt', 'midLine', 'stepsBefore', 'linkTime', 'linkJob', 'linkNeed'] as const;
const BUILD_COLUMNS = [...JOB, ...JOB_END, ...STEP, ...ARGV, ...LINK];

/** The columns of jobs, steps and links, and the objects that were made of them. */
class BuildColumns {
  readonly jobs: readonly Job[];
  readonly instances: readonly UnpackedInstance[];
  readonly text: (number: number) => string;
  readonly columns: Readonly<Record<(typeof BUILD_COLUMNS)[number], Column>>;
  readonly #rare = new Map<number, RareFields>();
  #jobsOf: (readonly Job[])[] | undefined;
  #instancesIn: Map<JobId, Instance[]> | undefined;

  constructor(
    columns: Columns<PackedHead>,
    instances: readonly PackedInstance[],
    graphs: ReadonlyMap<InstanceId, StoredGraph>,
  ) {
    this.text = (number) => columns.text(number);
    this.columns = Object.fromEntries(
      BUILD_COLUMNS.map((name) => [name, columns.column(name)]),
    ) as typeof this.columns;
    const jobs: Job[] = [];
    for (let id = 0; id < this.columns.name.length; id++) jobs.push(new UnpackedJob(this, id as JobId));
    this.jobs = jobs;
    this.instances = instances.map(
      (packed, id) => new UnpackedInstance(this, id as InstanceId, packed, graphs.get(id as InstanceId)),
    );
  }

  /** The rare fields of a job. */
  rareOf(id: JobId): RareFields {
    const text = this.columns.rare.maybe(id);
    if (text === undefined) return NO_RARE;
    let rare = this.#rare.get(text);
    if (!rare) this.#rare.set(text, (rare = JSON.parse(this.text(text)) as RareFields));
    return rare;
  }

  jobsOf(instance: InstanceId): readonly Job[] {
    if (!this.#jobsOf) {
      const lists = this.instances.map((): Job[] => []);
      for (const job of this.jobs) {
        const of = this.columns.instance.maybe(job.id);
        if (of !== undefined) lists[of]!.push(job);
      }
      this.#jobsOf = lists;
    }
    return this.#jobsOf[instance]!;
  }

  instancesIn(job: JobId): readonly Instance[] {
    if (!this.#instancesIn) {
      this.#instancesIn = new Map();
      for (const instance of this.instances) {
        const same = this.#instancesIn.get(instance.job.id);
        if (same) same.push(instance);
        else this.#instancesIn.set(instance.job.id, [instance]);
      }
    }
    return this.#instancesIn.get(job) ?? NO_INSTANCES;
  }

  stepsOf(job: JobId): Step[] {
    const { stepEnd, stepAt, stepEcho, stepStarted, stepEnded, stepStatus, user, sys, rss } = this.columns;
    const steps: Step[] = [];
    for (let i = stepEnd.start(job); i < stepEnd.at(job); i++)
      steps.push({
        at: stepAt.at(i) as ByteOffset,
        argv: this.#argvOf(i),
        echo: stepEcho.at(i) === 1,
        started: stepStarted.at(i),
        ended: stepEnded.maybe(i),
        status: statusOf(stepStatus.maybe(i)),
        user: user.maybe(i),
        sys: sys.maybe(i),
        rss: rss.maybe(i),
      });
    return steps;
  }

  #argvOf(step: number): string[] {
    const { argv, argvEnd } = this.columns;
    const words: string[] = [];
    for (let i = argvEnd.start(step); i < argvEnd.at(step); i++) words.push(this.text(argv.at(i)));
    return words;
  }

  linksOf(job: JobId): Link[] {
    const { linkEnd, linkAt, midLine, stepsBefore, linkTime, linkJob, linkNeed } = this.columns;
    const links: Link[] = [];
    for (let i = linkEnd.start(job); i < linkEnd.at(job); i++) {
      const to = linkJob.maybe(i);
      const need = linkNeed.maybe(i);
      links.push({
        at: linkAt.at(i) as ByteOffset,
        midLine: midLine.at(i) === 1,
        stepsBefore: stepsBefore.at(i),
        time: linkTime.at(i),
        job: to === undefined ? undefined : this.jobs[to]!,
        need: need === undefined ? undefined : this.text(need),
      });
    }
    return links;
  }
}

class UnpackedJob implements Job {
  readonly id: JobId;
  readonly lost = false;
  /** Not in the columns: it may grow. */
  size: ByteOffset;
  readonly #of: BuildColumns;
  #steps: readonly Step[] | undefined;
  #links: readonly Link[] | undefined;

  constructor(of: BuildColumns, id: JobId) {
    this.#of = of;
    this.id = id;
    this.size = of.columns.size.at(id) as ByteOffset;
  }

  get name(): string {
    return this.#of.text(this.#of.columns.name.at(this.id));
  }

  get target(): string {
    return this.#of.text(this.#of.columns.target.at(this.id));
  }

  get parent(): Job | undefined {
    const parent = this.#of.columns.parent.maybe(this.id);
    return parent === undefined ? undefined : this.#of.jobs[parent];
  }

  get instance(): Instance | undefined {
    const instance = this.#of.columns.instance.maybe(this.id);
    return instance === undefined ? undefined : this.#of.instances[instance];
  }

  get needs(): string | undefined {
    const needs = this.#of.columns.needs.maybe(this.id);
    return needs === undefined ? undefined : this.#of.text(needs);
  }

  get newer(): string {
    return this.#of.text(this.#of.columns.newer.at(this.id));
  }

  get why(): Why {
    return this.#of.rareOf(this.id).why ?? (this.#is(MISSING) ? WAS_MISSING : NO_WHY);
  }

  get redirected(): boolean {
    return this.#is(REDIRECTED);
  }

  get piped(): boolean {
    return this.#is(PIPED);
  }

  get ignored(): boolean {
    return this.#is(IGNORED);
  }

  get skipped(): boolean {
    return this.#is(SKIPPED);
  }

  get pipe(): Job | undefined {
    const { pipe } = this.#of.rareOf(this.id);
    return pipe === undefined ? undefined : this.#of.jobs[pipe];
  }

  get kept(): Job | undefined {
    const { kept } = this.#of.rareOf(this.id);
    return kept === undefined ? undefined : this.#of.jobs[kept];
  }

  get settled(): ByteOffset {
    return this.#of.rareOf(this.id).settled ?? START;
  }

  get readerIdle(): boolean {
    return this.#of.rareOf(this.id).readerIdle ?? false;
  }

  get swallowed(): Job['swallowed'] {
    return this.#of.rareOf(this.id).swallowed ?? NO_RANGES;
  }

  get lineage(): Lineage | undefined {
    return this.#of.rareOf(this.id).lineage;
  }

  get folder(): string | undefined {
    return this.#of.rareOf(this.id).folder;
  }

  get started(): number {
    return this.#of.columns.started.at(this.id);
  }

  get ended(): number | undefined {
    return this.#of.columns.ended.maybe(this.id);
  }

  get status(): Status | undefined {
    return statusOf(this.#of.columns.status.maybe(this.id));
  }

  get steps(): readonly Step[] {
    if (this.#steps) return this.#steps;
    const steps = this.#of.stepsOf(this.id);
    // Most jobs have one, which is made again as fast as it is kept.
    if (steps.length > 1) this.#steps = steps;
    return steps;
  }

  get links(): readonly Link[] {
    return (this.#links ??= this.#of.linksOf(this.id));
  }

  get instances(): readonly Instance[] {
    return this.#of.instancesIn(this.id);
  }

  #is(bit: number): boolean {
    return (this.#of.columns.bits.at(this.id) & bit) !== 0;
  }
}

class UnpackedInstance implements Instance {
  readonly id: InstanceId;
  readonly tool: string;
  readonly job: Job;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly at: ByteOffset;
  readonly linksBefore: number;
  readonly piped: boolean;
  readonly lineage: Lineage | undefined;
  readonly outputRanges: Instance['outputRanges'];
  readonly goals: readonly string[];
  readonly ended: boolean;
  readonly exit: number | undefined;
  readonly keepGoing: boolean | undefined;
  readonly #of: BuildColumns;
  readonly #graph: StoredGraph | undefined;

  constructor(of: BuildColumns, id: InstanceId, packed: PackedInstance, graph: StoredGraph | undefined) {
    this.#of = of;
    this.#graph = graph;
    this.id = id;
    this.job = of.jobs[packed.job]!;
    this.tool = packed.tool;
    this.cwd = packed.cwd;
    this.argv = packed.argv;
    this.at = packed.at;
    this.linksBefore = packed.linksBefore;
    this.piped = packed.piped;
    this.lineage = packed.lineage;
    this.outputRanges = packed.outputRanges;
    this.goals = packed.goals;
    this.ended = packed.ended;
    this.exit = packed.exit;
    this.keepGoing = packed.keepGoing;
  }

  get jobs(): readonly Job[] {
    return this.#of.jobsOf(this.id);
  }

  get graph(): FlatGraph | undefined {
    return this.#graph?.graph;
  }
}

/** The graphs, each of which is made when it is asked for. */
class UnpackedGraphs {
  readonly #columns: Columns<PackedHead>;
  readonly #calls: readonly PackedCall[];

  constructor(columns: Columns<PackedHead>, calls: readonly PackedCall[]) {
    this.#columns = columns;
    this.#calls = calls;
  }

  all(): Map<InstanceId, StoredGraph> {
    const graphs = new Map<InstanceId, StoredGraph>();
    for (const [index, call] of this.#calls.entries()) {
      let graph: FlatGraph | undefined;
      const arrays = (): GraphArrays => this.#arrays(index);
      graphs.set(call.i, {
        ...call,
        get graph() {
          return (graph ??= FlatGraph.of(arrays()));
        },
      });
    }
    return graphs;
  }

  #arrays(index: number): GraphArrays {
    const columns = this.#columns;
    const part = (name: string, end: string): ArrayLike<number> => {
      const ends = columns.column(end);
      return columns.column(name).values.subarray(ends.start(index), ends.at(index));
    };
    const rare = columns.column('graphRare').maybe(index);
    return {
      names: Array.from(part('graphName', 'graphNameEnd'), (number) => columns.text(number)),
      from: part('graphFrom', 'graphNameEnd'),
      to: part('graphTo', 'graphNameEnd'),
      kind: part('graphKind', 'graphNameEnd'),
      needs: part('graphNeed', 'graphNeedEnd'),
      targets: part('graphTarget', 'graphTargetEnd'),
      rare: rare === undefined ? [] : (JSON.parse(columns.text(rare)) as GraphArrays['rare']),
    };
  }
}
