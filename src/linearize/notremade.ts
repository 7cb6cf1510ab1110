// The targets that a build did not make: those that need something that failed, and those that their tool did
// not examine before it stopped. Any other target without a job is up to date. Pure. Knows the graphs and the
// jobs that ran, no file and no text.
//
// make and ninja do not report what they did not make, but it follows from the graph. A target that needs a
// failed job cannot have been made. A tool that goes on after a failure (`-k`) examines all other targets. A
// tool that stops has examined the needs of the jobs that ran. make goes through its targets in the order of
// the graph, so it has also examined every target before a job that it has started.

import type { Build, Instance, Job } from '../model/build.ts';
import { failed } from '../model/build.ts';
import type { Graph } from '../model/graph.ts';
import { Group } from './group.ts';
import { type InstanceEnd, InstanceEnds, WHOLE_GRAPHS, isUnsure } from './instanceends.ts';

/** Why a target without a job in this build is not known to be up to date. */
export interface NotRemade {
  /** `blocked`: it could not be made. `unreached`: its tool did not examine it. */
  readonly state: 'blocked' | 'unreached';
  /** The jobs that failed by themselves and blocked it, or at which its tool stopped. A long list is cut. */
  readonly failed: readonly Job[];
  /**
   * Why its tool examined no more targets: this tool stopped, the build was interrupted, or it still runs.
   */
  readonly end?: { readonly tool: string } | 'interrupted' | 'running';
}

/** At most this many failures are listed. */
const MOST_NAMED = 20;
const NONE: readonly Job[] = [];

/** What is known of a name in a graph. */
interface Standing {
  /** The failed jobs among its needs. */
  readonly failed: readonly Job[];
  /** One of its needs was unfinished when the build ended. */
  readonly cut: boolean;
  /** It was made, or one of its needs was, or one of the targets that it stands for. */
  readonly made: boolean;
  /** It, or a target that it stands for, is not known to be up to date. */
  readonly open: boolean;
}

const FINE: Standing = { failed: NONE, cut: false, made: false, open: false };

/** What is known of an instance. It is computed once after the instance has ended. */
interface InstanceState {
  readonly group: Group;
  readonly end: InstanceEnd;
  /** The failures that it stopped at. */
  readonly stoppedAt: readonly Job[];
  /** The names that were examined, since a job that ran needs them. */
  readonly settled: ReadonlySet<string>;
  /** For make: the rank of each name in its order, and the highest rank of a job that was started. */
  readonly ranks: ReadonlyMap<string, number>;
  readonly furthest: number;
  readonly standings: Map<string, Standing>;
  readonly revision: number;
  /** Had the instance ended, and did the build run, when this was computed? */
  readonly ended: boolean;
  readonly running: boolean;
}

export interface NotRemadeOptions {
  /** Returns the graph of an instance, possibly from an earlier build. */
  readonly graphOf: (instance: Instance) => Graph | undefined;
  /** Does the build still run? */
  readonly running: () => boolean;
}

export class NotRemadeTargets {
  readonly #build: Build;
  readonly #options: NotRemadeOptions;
  readonly #ends: InstanceEnds;
  readonly #states = new Map<Instance, InstanceState>();
  readonly #ofJobs = new Map<Job, NotRemade | undefined>();
  #revision = -1;
  readonly #byName = new Map<string, Job[]>();
  #indexed = 0;

  constructor(build: Build, options: NotRemadeOptions) {
    this.#build = build;
    this.#options = options;
    this.#ends = new InstanceEnds(build, options.running);
  }

  /**
   * Returns why a target without a job in an instance of this build was not remade.
   * @returns undefined if the target is up to date, or is no target.
   */
  of(instance: Instance, target: string): NotRemade | undefined {
    this.#refresh();
    const state = this.#stateOf(instance);
    return this.#notRemadeBy(state, this.#standing(state, target));
  }

  /**
   * Returns why the target of an earlier build's job, which did not run in this build, was not remade.
   * @param instance the instance of this build in whose graph the target was found, if any.
   */
  ofEarlier(job: Job, instance?: Instance): NotRemade | undefined {
    this.#refresh();
    if (this.#ofJobs.has(job)) return this.#ofJobs.get(job);
    // The search goes through the parents, which form no cycle. In a damaged record this entry ends it.
    this.#ofJobs.set(job, undefined);
    const found = this.#findEarlier(job, instance);
    this.#ofJobs.set(job, found);
    return found;
  }

  /** Drops results that have become stale, since a running build changes. */
  #refresh(): void {
    if (this.#revision === this.#build.changeCount) return;
    this.#revision = this.#build.changeCount;
    this.#ofJobs.clear();
    this.#ends.refresh();
    const { jobs } = this.#build;
    for (; this.#indexed < jobs.length; this.#indexed++) {
      const job = jobs[this.#indexed]!;
      const same = this.#byName.get(job.name);
      if (same) same.push(job);
      else this.#byName.set(job.name, [job]);
    }
  }

  #findEarlier(job: Job, given: Instance | undefined): NotRemade | undefined {
    const { parent } = job;
    for (const instance of given ? [given] : this.#sameTool(job.instance)) {
      const state = this.#stateOf(instance);
      const node = state.group.node(job.target);
      if (node?.recipe && !node.rules) return this.#notRemadeBy(state, this.#standing(state, job.target));
      // The target may have several rules, or the graph may hold only what ran or what its tool reached.
      if (node || !WHOLE_GRAPHS.has(instance.tool) || isUnsure(state.end))
        return this.#notRemadeBy(state, this.#standingOf(state, job));
      // The instance had the same arguments, so the target no longer exists.
      if (job.instance && sameWords(instance.argv, job.instance.argv)) return undefined;
    }
    // The job that would have launched it did not run.
    if (!parent) return undefined;
    const [root] = this.#build.jobs;
    // A different command allows no conclusion.
    if (!parent.parent)
      return root && sameWords(root.name.split(' '), parent.name.split(' '))
        ? this.#below([root])
        : undefined;
    const ran = (this.#byName.get(parent.name) ?? []).filter(
      (one) => one.instance?.tool === parent.instance?.tool,
    );
    if (ran.length > 0) return this.#below(ran);
    const above = this.ofEarlier(parent);
    return above && { ...above, state: 'unreached' };
  }

  /** The answer for jobs of this build that should have launched something, and did not. */
  #below(jobs: readonly Job[]): NotRemade | undefined {
    const bad = jobs.filter((job) => failed(job) || job.ended === undefined);
    if (bad.length === 0) return undefined;
    const failures = bad.flatMap((job) => [...this.#ends.rootsOf(job)]);
    if (failures.length === 0 || bad.some((job) => this.#ends.wasCutShort(job))) return this.#unfinished();
    return notRemade('unreached', failures);
  }

  #unfinished(): NotRemade {
    return notRemade('unreached', NONE, this.#options.running() ? 'running' : 'interrupted');
  }

  /** Returns the instances of this build that are the same tool in the same folder. */
  #sameTool(instance: Instance | undefined): Instance[] {
    if (!instance) return [];
    const { tool, cwd } = instance;
    return this.#build.instances.filter((one) => one.tool === tool && one.cwd === cwd);
  }

  #stateOf(instance: Instance): InstanceState {
    const { changeCount: revision } = this.#build;
    const there = this.#states.get(instance);
    const running = this.#options.running();
    if (there && (there.revision === revision || (there.ended && there.running === running))) return there;
    const group = new Group(instance, this.#options.graphOf(instance));
    const { end, stoppedAt } = this.#ends.of(instance);
    const unsure = isUnsure(end);
    const ranks = unsure && instance.tool === 'make' ? group.preorder() : new Map<string, number>();
    let furthest = -1;
    for (const job of instance.jobs) furthest = Math.max(furthest, ranks.get(job.target) ?? -1);
    const state: InstanceState = {
      group,
      end,
      stoppedAt,
      settled: unsure ? settledBy(group) : new Set(),
      ranks,
      furthest,
      standings: new Map(),
      revision,
      ended: instance.ended,
      running,
    };
    this.#states.set(instance, state);
    return state;
  }

  // -- one instance --------------------------------------------------------------------------------------

  /** Depth first without recursion, since graphs are deep. */
  #standing(state: InstanceState, target: string): Standing {
    const { standings, group } = state;
    const stack = [target];
    const open = new Set<string>();
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      if (standings.has(name)) {
        stack.pop();
        continue;
      }
      if (!open.has(name)) {
        open.add(name);
        const wanted = this.#needsToKnow(state, name).filter(
          (need) => !standings.has(need) && !open.has(need),
        );
        if (wanted.length > 0) {
          for (let i = wanted.length - 1; i >= 0; i--) stack.push(wanted[i]!);
          continue;
        }
      }
      stack.pop();
      standings.set(name, this.#decide(state, name));
    }
    const found = standings.get(target) ?? FINE;
    // A target with several rules (`::`) may have a job for one of them only.
    return group.jobsOf(target).length > 0 && group.node(target)?.rules === undefined ? FINE : found;
  }

  /** Returns the names that determine the standing of a name. A target that was made needs none. */
  #needsToKnow({ group }: InstanceState, name: string): readonly string[] {
    if (group.jobsOf(name).length > 0 && group.node(name)?.rules === undefined) return [];
    return group.needsOfNode(name);
  }

  #decide(state: InstanceState, name: string): Standing {
    const { group } = state;
    const jobs = group.jobsOf(name);
    const node = group.node(name);
    const below = this.#together(state, this.#needsToKnow(state, name));
    if (jobs.length > 0) {
      const failures = new Set(below.failed);
      let { cut } = below;
      for (const job of jobs) {
        if (this.#ends.wasCutShort(job)) cut = true;
        else if (failed(job)) for (const root of this.#ends.rootsOf(job)) failures.add(root);
      }
      return { failed: [...failures], cut, made: true, open: false };
    }
    if (!node) return FINE;
    if (!node.recipe && !node.also) {
      // make knows no rule yet for a target that it has not reached.
      const unknown =
        isUnsure(state.end) &&
        node.needs.some((need) => !group.has(need)) &&
        !this.#wasLookedAt(state, name, below.made);
      return unknown ? { ...below, open: true } : below;
    }
    return { ...below, open: !this.#wasLookedAt(state, name, below.made) };
  }

  /** Computes the standing of an earlier build's target from the needs of its job. */
  #standingOf(state: InstanceState, job: Job): Standing {
    const needs = state.group.needsOfJob(job);
    for (const need of needs) this.#standing(state, need);
    const below = this.#together(state, needs);
    return { ...below, open: !this.#wasLookedAt(state, job.target, below.made) };
  }

  /** Combines the known standings of several names for a target that needs them. */
  #together({ standings }: InstanceState, names: readonly string[]): Standing {
    const failures = new Set<Job>();
    let cut = false;
    let made = false;
    let open = false;
    for (const name of names) {
      const standing = standings.get(name);
      if (!standing || standing === FINE) continue;
      // A failure in a large graph is met some hundred thousand times.
      if (failures.size < MOST_NAMED) for (const job of standing.failed) failures.add(job);
      cut ||= standing.cut;
      made ||= standing.made;
      open ||= standing.open;
    }
    const list = failures.size === 0 ? NONE : [...failures];
    return cut || made || open || list !== NONE ? { failed: list, cut, made, open } : FINE;
  }

  /**
   * Did the tool examine the target and find it up to date?
   * @param made whether something that it needs was made.
   */
  #wasLookedAt({ end, settled, ranks, furthest }: InstanceState, name: string, made: boolean): boolean {
    if (!isUnsure(end) || settled.has(name)) return true;
    return !made && end !== 'running' && (ranks.get(name) ?? Infinity) < furthest;
  }

  #notRemadeBy(state: InstanceState, { failed: failures, cut, open }: Standing): NotRemade | undefined {
    if (failures.length > 0) return notRemade('blocked', failures);
    if (cut || (open && (state.end === 'interrupted' || state.end === 'running'))) return this.#unfinished();
    if (!open) return undefined;
    const { tool } = state.group.instance;
    return notRemade('unreached', state.stoppedAt, { tool });
  }
}

function notRemade(state: NotRemade['state'], failures: readonly Job[], end?: NotRemade['end']): NotRemade {
  const some = [...new Set(failures)].slice(0, MOST_NAMED);
  return { state, failed: some, ...(end === undefined ? {} : { end }) };
}

/** Returns the names that were examined since a job that ran needs them. */
function settledBy(group: Group): Set<string> {
  const settled = new Set<string>();
  const stack: string[] = [];
  for (const job of group.instance.jobs) for (const need of group.needsOfJob(job)) stack.push(need);
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    if (settled.has(name)) continue;
    settled.add(name);
    for (const need of group.needsOfNode(name)) stack.push(need);
  }
  return settled;
}

/** Are these the same command, apart from options? */
function sameWords(a: readonly string[], b: readonly string[]): boolean {
  const words = (argv: readonly string[]): string =>
    argv.filter((word) => !/^(?:-.*|\d+)$/.test(word)).join('\0');
  return words(a) === words(b);
}
