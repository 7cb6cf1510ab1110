// The order constraints between the jobs of a build: the starts and ends of its jobs as events, with an arc
// from each event to those that had to wait for it. critical.ts says what waits for what.

import { Group } from '../linearize/group.ts';
import { Heap } from '../linearize/heap.ts';
import type { WalkRoot } from '../linearize/walkoptions.ts';
import type { Build, Instance, Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import { type GraphEvent, EventGraph } from './eventgraph.ts';
import { childrenByParent, selfSpans, spanOf } from './selftime.ts';

/** A job and its events. */
interface Placed {
  readonly job: Job;
  readonly start: GraphEvent;
  readonly end: GraphEvent;
  readonly selfMs: number;
}

/** A target without a job. It is ready when its needs are. */
interface Node {
  readonly instance: Instance;
  readonly target: string;
  readonly event: GraphEvent;
}

/** Something that a job waited for as a whole: the jobs of a tool instance, or another single launch. */
interface Unit {
  readonly from: number;
  readonly to: number;
  readonly jobs: readonly Job[];
  /** The job launched it, so it could not start before the job did. */
  readonly launched: boolean;
}

/** How many jobs are handled per slice of work. */
const SLICE = 500;

/** The events of a build's jobs and the arcs between them. */
export class Constraints {
  readonly graph = new EventGraph();
  /** By event: the job whose time passes after it. */
  readonly owners: (Job | undefined)[] = [];
  readonly placed: Placed[] = [];
  readonly #build: Build;
  readonly #children: ReadonlyMap<Job, readonly Job[]>;
  readonly #byId: Placed[] = [];
  readonly #groups = new Map<Instance, { group: Group; nodes: Map<string, GraphEvent> }>();
  /** Targets without a job whose own needs have not been handled yet. */
  readonly #nodes: Node[] = [];
  /** The ends of each tool instance's goals, as far as they are known. */
  readonly #goals = new Map<Instance, GraphEvent[]>();
  /** Jobs that started while one of their needs was still running. */
  readonly #early: { need: Placed; job: Placed }[] = [];

  constructor(build: Build) {
    this.#build = build;
    this.#children = childrenByParent(build.jobs);
  }

  /**
   * Adds all jobs.
   * @returns the end of the build.
   */
  *all(): Sliced<GraphEvent[]> {
    for (const job of this.#build.jobs) {
      this.#place(job);
      if (job.id % SLICE === 0) yield;
    }
    return this.placed.slice(0, 1).map(({ end }) => end);
  }

  /**
   * Adds a job or a target, and with it everything that it waited for.
   * @returns its ends.
   */
  reach(root: WalkRoot): GraphEvent[] {
    if ('job' in root) return [this.#place(root.job).end];
    return this.#endsOf(root.instance, root.target);
  }

  /** Handles everything that was added, and everything that it waited for. */
  *complete(): Sliced<void> {
    // Both lists grow during the iteration.
    for (let i = 0, looked = 0; i < this.placed.length || this.#nodes.length > 0;) {
      if (++looked % SLICE === 0) yield;
      const node = this.#nodes.pop();
      if (node) this.#passOn(node);
      else this.#lookAtNeeds(this.placed[i++]!);
    }
    const first = yield* this.#madeFirst();
    for (const [i, placed] of this.placed.entries()) {
      if (i % SLICE === 0) yield;
      this.#lookAtTime(placed, first);
    }
    const far = new Map<Placed, number>();
    for (const { need, job } of this.#early)
      far.set(need, Math.min(far.get(need) ?? Infinity, job.job.started - need.job.started));
    for (const { need, job } of this.#early) this.graph.arc(need.start, job.start, far.get(need));
  }

  #place(job: Job): Placed {
    const there = this.#byId[job.id];
    if (there) return there;
    const { from, to } = spanOf(this.#build, job);
    let selfMs = 0;
    for (const span of selfSpans(this.#build, job, this.#children.get(job))) selfMs += span.to - span.from;
    const placed = { job, start: this.#newEvent(job, from), end: this.#newEvent(job, to), selfMs };
    // A job always ends after its start.
    this.graph.arc(placed.start, placed.end);
    this.#byId[job.id] = placed;
    this.placed.push(placed);
    return placed;
  }

  #newEvent(job: Job | undefined, at?: number): GraphEvent {
    this.owners.push(job);
    return this.graph.add(at);
  }

  #group(instance: Instance): { group: Group; nodes: Map<string, GraphEvent> } {
    let found = this.#groups.get(instance);
    if (!found) {
      found = { group: new Group(instance, instance.graph), nodes: new Map() };
      this.#groups.set(instance, found);
    }
    return found;
  }

  /**
   * Returns the events after which a target is ready: the ends of its jobs or, if it has none, of its needs.
   */
  #endsOf(instance: Instance, target: string): GraphEvent[] {
    const { group, nodes } = this.#group(instance);
    const jobs = group.makersOf(target);
    if (jobs.length > 0) return jobs.map((job) => this.#place(job).end);
    const known = nodes.get(target);
    if (known !== undefined) return [known];
    // A file that no job makes delays nothing.
    if (group.needsOfNode(target).length === 0) return [];
    const event = this.#newEvent(undefined);
    nodes.set(target, event);
    this.#nodes.push({ instance, target, event });
    return [event];
  }

  #passOn({ instance, target, event }: Node): void {
    for (const name of this.#group(instance).group.needsOfNode(target))
      for (const end of this.#endsOf(instance, name)) this.graph.arc(end, event);
  }

  #lookAtNeeds(placed: Placed): void {
    for (const child of this.#children.get(placed.job) ?? []) {
      this.#place(child);
      if (child.instance?.graph && !this.#goals.has(child.instance)) this.#takeGoals(child.instance);
    }
    for (const { job } of placed.job.links) if (job) this.#place(job);
    const { instance } = placed.job;
    if (!instance) return;
    const { group } = this.#group(instance);
    for (const name of group.needsOfJob(placed.job)) {
      const jobs = group.makersOf(name);
      if (jobs.length === 0)
        for (const end of this.#endsOf(instance, name)) this.graph.arc(end, placed.start);
      for (const job of jobs) {
        if (job === placed.job) continue;
        const need = this.#place(job);
        if (spanOf(this.#build, job).to <= placed.job.started) this.graph.arc(need.end, placed.start);
        else if (job.started <= placed.job.started) {
          this.graph.arc(need.start, placed.start);
          this.#early.push({ need, job: placed });
        }
      }
    }
  }

  /** If an instance's goals are unknown, all targets that no job needs are goals. */
  #takeGoals(instance: Instance): void {
    const goals = instance.goals.length > 0 ? this.#group(instance).group.goals() : [];
    this.#goals.set(
      instance,
      goals.flatMap((goal) => this.#endsOf(instance, goal)),
    );
  }

  /** Adds the self time of a job, divided by the launches and ends that it waited for. */
  #lookAtTime({ job, start, end }: Placed, madeFirst: Uint8Array): void {
    const span = spanOf(this.#build, job);
    let event = start;
    let at = span.from;
    let running = 0;
    const advance = (to: number): void => {
      const when = Math.min(Math.max(at, to), span.to);
      const next = this.#newEvent(job, when);
      this.graph.arc(event, next, running === 0 ? when - at : 0);
      event = next;
      at = when;
    };
    const open = new Heap<Unit>((a, b) => a.to < b.to);
    const close = (before: number): void => {
      for (let unit = open.pop(); unit; unit = open.pop()) {
        if (unit.to > before) {
          open.push(unit);
          return;
        }
        advance(unit.to);
        running--;
        for (const child of unit.jobs)
          if (spanOf(this.#build, child).to <= unit.to) this.graph.arc(this.#place(child).end, event);
      }
    };
    for (const unit of this.#units(job, madeFirst)) {
      close(unit.from);
      advance(unit.from);
      if (unit.launched) for (const child of unit.jobs) this.graph.arc(event, this.#place(child).start);
      if (unit.to > span.to) continue;
      running++;
      open.push(unit);
    }
    close(span.to);
    this.graph.arc(event, end, running === 0 ? span.to - at : 0);
  }

  /**
   * Returns the jobs that no goal reaches, and their needs: makefiles that make remakes before it restarts.
   * Indexed by event, like the result of leadingTo.
   */
  *#madeFirst(): Sliced<Uint8Array> {
    const reached = yield* this.graph.leadingTo([...this.#goals.values()].flat());
    const strays = this.placed.filter(({ job, end }) => {
      const goals = job.instance && this.#goals.get(job.instance);
      return goals !== undefined && goals.length > 0 && !reached[end];
    });
    return yield* this.graph.leadingTo(strays.map(({ end }) => end));
  }

  /**
   * Divides the jobs that a tool launched in two if those that it made first had all ended before the others
   * began.
   */
  #phases(jobs: readonly Job[], madeFirst: Uint8Array): (readonly Job[])[] {
    const isFirst = (job: Job): boolean => madeFirst[this.#place(job).end] === 1;
    const before = jobs.filter(isFirst);
    const after = jobs.filter((job) => !isFirst(job));
    const anew = before.reduce((last, job) => Math.max(last, spanOf(this.#build, job).to), 0);
    const apart = before.length > 0 && after.length > 0 && after.every((job) => job.started >= anew);
    return apart ? [before, after] : [jobs];
  }

  /** Returns what a job launched or waited for, in the order of the starts. */
  #units(job: Job, madeFirst: Uint8Array): Unit[] {
    const units: Unit[] = [];
    const groups = new Map<Instance, Job[]>();
    const last = spanOf(this.#build, job).to;
    for (const child of this.#children.get(job) ?? []) {
      const { from, to } = spanOf(this.#build, child);
      const group = child.instance && groups.get(child.instance);
      if (group) group.push(child);
      else if (child.instance) groups.set(child.instance, [child]);
      else units.push({ from, to, jobs: [child], launched: true });
    }
    for (const jobs of [...groups.values()].flatMap((all) => this.#phases(all, madeFirst))) {
      const to = jobs.reduce((end, child) => Math.max(end, spanOf(this.#build, child).to), 0);
      units.push({ from: jobs[0]!.started, to: Math.min(to, last), jobs, launched: true });
    }
    for (const { job: linked, time: t } of job.links) {
      if (!linked || linked.parent === job) continue;
      units.push({
        from: t,
        to: Math.max(t, spanOf(this.#build, linked).to),
        jobs: [linked],
        launched: false,
      });
    }
    return units.sort((a, b) => a.from - b.from);
  }
}
