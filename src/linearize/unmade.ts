// What a build did not come to make: targets that need something that failed, and those that nobody looked at
// before their tool stopped. What has no job and is neither is up to date. Pure; knows the graphs and what
// ran, no file and no text.
//
// make and ninja say nothing of what they did not make. It follows from the graph: what needs a failed job
// cannot have been made. A tool that goes on after a failure (`-k`) looks at all the rest. One that stops has
// looked at what the jobs that ran need; and make, which goes through its targets in the order of the graph,
// at what stands before a job that it has started.

import type { Build, Instance, Job } from '../model/build.ts';
import { failed } from '../model/build.ts';
import { isStopSignal } from '../model/events.ts';
import type { Graph } from '../model/graph.ts';
import { Group } from './group.ts';
import { keepsGoing, ninjaStopsAfter } from './keepgoing.ts';

/** Why a target that has no job in a build is not known to be up to date. */
export interface Unmade {
  /** `blocked`: it could not be made. `unreached`: whether it is up to date was not looked at. */
  readonly state: 'blocked' | 'unreached';
  /**
   * The jobs that failed by themselves and kept it from being made, or that its tool stopped at; of many only
   * some.
   */
  readonly failed: readonly Job[];
  /** Why nothing more was looked at: this tool stopped, the build was interrupted, or it still runs. */
  readonly end?: { readonly tool: string } | 'interrupted' | 'running';
}

/** Of so many failures the names are kept. */
const MOST_NAMED = 20;
const NONE: readonly Job[] = [];

/** 128 and the number of SIGINT or SIGTERM, as shells have it. */
const CUT_OFF = [130, 143];

/** What is known of a name of a graph. */
interface Standing {
  /** What failed among its needs. */
  readonly failed: readonly Job[];
  /** A need of it was not finished when the build ended. */
  readonly cut: boolean;
  /** A need of it, or what it stands for, was made. */
  readonly made: boolean;
  /** It is not known whether it, or something that it stands for, is up to date. */
  readonly open: boolean;
}

const FINE: Standing = { failed: NONE, cut: false, made: false, open: false };

/** How an instance ended, for what it did not make. */
type End = 'whole' | 'running' | 'interrupted' | 'stopped' | 'failed';

/** What is known of an instance: worked out once when it has ended. */
interface Known {
  readonly group: Group;
  readonly end: End;
  /** The failures that it stopped at. */
  readonly stoppedAt: readonly Job[];
  /** Names that were looked at, since a job that ran needs them. */
  readonly settled: ReadonlySet<string>;
  /** make: the place of each name in its order, and the last place at which a job was started. */
  readonly ranks: ReadonlyMap<string, number>;
  readonly furthest: number;
  readonly standings: Map<string, Standing>;
  readonly revision: number;
  /** When this was worked out, had it ended, and did the build run? */
  readonly ended: boolean;
  readonly running: boolean;
}

export interface UnmadeOptions {
  /** The graph of an instance, also one from an earlier build. */
  readonly graphOf: (instance: Instance) => Graph | undefined;
  /** Does the build still run? */
  readonly running: () => boolean;
}

export class UnmadeTargets {
  readonly #build: Build;
  readonly #options: UnmadeOptions;
  readonly #known = new Map<Instance, Known>();
  readonly #ofJobs = new Map<Job, Unmade | undefined>();
  readonly #roots = new Map<Job, readonly Job[]>();
  #revision = -1;
  readonly #byName = new Map<string, Job[]>();
  #indexed = 0;

  constructor(build: Build, options: UnmadeOptions) {
    this.#build = build;
    this.#options = options;
  }

  /**
   * Of a target that has no job in an instance of this build.
   * @returns undefined where it is up to date, or no target.
   */
  of(instance: Instance, target: string): Unmade | undefined {
    this.#refresh();
    const known = this.#knownOf(instance);
    return this.#unmadeBy(known, this.#standing(known, target));
  }

  /**
   * Of a job of an earlier build whose target did not run in this one.
   * @param instance that of this build in whose graph the target was found, if any.
   */
  ofEarlier(job: Job, instance?: Instance): Unmade | undefined {
    this.#refresh();
    if (this.#ofJobs.has(job)) return this.#ofJobs.get(job);
    // A job is told by its parent, and parents make no circles; a damaged record does not get here twice.
    this.#ofJobs.set(job, undefined);
    const found = this.#findEarlier(job, instance);
    this.#ofJobs.set(job, found);
    return found;
  }

  /** While a build runs, what was found of it is true for a moment only. */
  #refresh(): void {
    if (this.#revision === this.#build.changeCount) return;
    this.#revision = this.#build.changeCount;
    this.#ofJobs.clear();
    this.#roots.clear();
    const { jobs } = this.#build;
    for (; this.#indexed < jobs.length; this.#indexed++) {
      const job = jobs[this.#indexed]!;
      const same = this.#byName.get(job.name);
      if (same) same.push(job);
      else this.#byName.set(job.name, [job]);
    }
  }

  #findEarlier(job: Job, given: Instance | undefined): Unmade | undefined {
    const { parent } = job;
    for (const instance of given ? [given] : this.#like(job.instance)) {
      const known = this.#knownOf(instance);
      const node = known.group.node(job.target);
      if (node?.recipe && !node.rules) return this.#unmadeBy(known, this.#standing(known, job.target));
      // One of several rules; or only the part of the graph is known that ran, or that its tool came to.
      if (node || !WHOLE_GRAPHS.has(instance.tool) || isUnsure(known.end))
        return this.#unmadeBy(known, this.#standingOf(known, job));
      // It was asked for the same, and the target is none any more.
      if (job.instance && sameWords(instance.argv, job.instance.argv)) return undefined;
    }
    // What would have run it did not.
    if (!parent) return undefined;
    const [root] = this.#build.jobs;
    // Of another command nothing follows.
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

  /** Of what jobs of this build would have run, and did not. */
  #below(jobs: readonly Job[]): Unmade | undefined {
    const bad = jobs.filter((job) => failed(job) || job.ended === undefined);
    if (bad.length === 0) return undefined;
    const failures = bad.flatMap((job) => [...this.#rootsOf(job)]);
    if (failures.length === 0 || bad.some((job) => this.#wasCutShort(job))) return this.#unfinished();
    return unmade('unreached', failures);
  }

  #unfinished(): Unmade {
    return unmade('unreached', NONE, this.#options.running() ? 'running' : 'interrupted');
  }

  /** The instances of this build that are the same tool in the same folder. */
  #like(instance: Instance | undefined): Instance[] {
    if (!instance) return [];
    const { tool, cwd } = instance;
    return this.#build.instances.filter((one) => one.tool === tool && one.cwd === cwd);
  }

  #knownOf(instance: Instance): Known {
    const { changeCount: revision } = this.#build;
    const there = this.#known.get(instance);
    const running = this.#options.running();
    if (there && (there.revision === revision || (there.ended && there.running === running))) return there;
    const group = new Group(instance, this.#options.graphOf(instance));
    const { end, stoppedAt } = this.#endOf(instance);
    const unsure = isUnsure(end);
    const ranks = unsure && instance.tool === 'make' ? group.preorder() : new Map<string, number>();
    let furthest = -1;
    for (const job of instance.jobs) furthest = Math.max(furthest, ranks.get(job.target) ?? -1);
    const known: Known = {
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
    this.#known.set(instance, known);
    return known;
  }

  #endOf(instance: Instance): { end: End; stoppedAt: readonly Job[] } {
    const none = { stoppedAt: NONE };
    const { job, jobs, exit } = instance;
    if (!instance.ended && this.#options.running()) return { end: 'running', ...none };
    if (exit === 0) return { end: 'whole', ...none };
    if (jobs.some((one) => this.#wasCutShort(one)) || (exit === undefined && this.#wasCutShort(job)))
      return { end: 'interrupted', ...none };
    const failures = jobs.filter((one) => failed(one));
    // What is no job: no rule to make a file, say, or a make that was killed.
    const otherwise = exit !== undefined || (WHOLE_GRAPHS.has(instance.tool) && failed(job));
    if (failures.length === 0) return { end: otherwise ? 'stopped' : 'whole', ...none };
    if (this.#goesOn(instance, failures)) return { end: 'failed', ...none };
    return { end: 'stopped', stoppedAt: failures.flatMap((one) => [...this.#rootsOf(one)]) };
  }

  /** The build did not come to its end. */
  get #wasStopped(): boolean {
    const { ended } = this.#build;
    return (ended === undefined && !this.#options.running()) || (ended?.interrupted ?? false);
  }

  /** Did it go on after its failures, with all that could still be made? */
  #goesOn(instance: Instance, failures: readonly Job[]): boolean {
    const { tool, argv } = instance;
    if (instance.keepGoing !== undefined) return instance.keepGoing;
    if (tool === 'ninja') return failures.length < ninjaStopsAfter(argv);
    for (let at: Instance | undefined = instance; at?.tool === tool; at = at.job.instance)
      if (at.keepGoing || keepsGoing(tool, at.argv)) return true;
    // Who stops at a failure starts nothing after it.
    const first = Math.min(...failures.map((job) => job.ended ?? Infinity));
    return tool === 'make' && instance.jobs.some((job) => job.started > first);
  }

  /** Did a job end because the build was stopped, or not at all? */
  #wasCutShort({ ended, status }: Job): boolean {
    if (!this.#wasStopped) return ended === undefined && this.#options.running();
    if (ended === undefined || !status) return true;
    return 'signal' in status ? isStopSignal(status.signal) : CUT_OFF.includes(status.exit);
  }

  /** The jobs below a failed one that failed by themselves; itself where there is none. */
  #rootsOf(job: Job): readonly Job[] {
    const there = this.#roots.get(job);
    if (there) return there;
    const found = new Set<Job>();
    const seen = new Set<Job>([job]);
    const stack = [job];
    for (let at = stack.pop(); at; at = stack.pop()) {
      const below: Job[] = [];
      for (const { job: child } of at.links) if (child && failed(child)) below.push(child);
      if (below.length === 0 && failed(at)) found.add(at);
      for (let i = below.length - 1; i >= 0; i--) {
        const child = below[i]!;
        if (seen.has(child)) continue;
        seen.add(child);
        stack.push(child);
      }
    }
    const roots = [...found];
    this.#roots.set(job, roots);
    return roots;
  }

  // -- one instance --------------------------------------------------------------------------------------

  /** Depth first without recursion: graphs are deep. */
  #standing(known: Known, target: string): Standing {
    const { standings, group } = known;
    const stack = [target];
    const open = new Set<string>();
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      if (standings.has(name)) {
        stack.pop();
        continue;
      }
      if (!open.has(name)) {
        open.add(name);
        const wanted = this.#needsToKnow(known, name).filter(
          (need) => !standings.has(need) && !open.has(need),
        );
        if (wanted.length > 0) {
          for (let i = wanted.length - 1; i >= 0; i--) stack.push(wanted[i]!);
          continue;
        }
      }
      stack.pop();
      standings.set(name, this.#decide(known, name));
    }
    const found = standings.get(target) ?? FINE;
    // Of several rules for one target (`::`) one may have run.
    return group.jobsOf(target).length > 0 && group.node(target)?.rules === undefined ? FINE : found;
  }

  /** What stands below a name, where that says something of it: not below what was made. */
  #needsToKnow({ group }: Known, name: string): readonly string[] {
    if (group.jobsOf(name).length > 0 && group.node(name)?.rules === undefined) return [];
    return group.needsOfNode(name);
  }

  #decide(known: Known, name: string): Standing {
    const { group } = known;
    const jobs = group.jobsOf(name);
    const node = group.node(name);
    const below = this.#together(known, this.#needsToKnow(known, name));
    if (jobs.length > 0) {
      const failures = new Set(below.failed);
      let { cut } = below;
      for (const job of jobs) {
        if (this.#wasCutShort(job)) cut = true;
        else if (failed(job)) for (const root of this.#rootsOf(job)) failures.add(root);
      }
      return { failed: [...failures], cut, made: true, open: false };
    }
    if (!node) return FINE;
    if (!node.recipe && !node.also) {
      // A make knows no rule yet for what it has not come to.
      const unknown =
        isUnsure(known.end) &&
        node.needs.some((need) => !group.has(need)) &&
        !this.#wasLookedAt(known, name, below.made);
      return unknown ? { ...below, open: true } : below;
    }
    return { ...below, open: !this.#wasLookedAt(known, name, below.made) };
  }

  /** Of a target of an earlier build's job, by what that job needed. */
  #standingOf(known: Known, job: Job): Standing {
    const needs = known.group.needsOfJob(job);
    for (const need of needs) this.#standing(known, need);
    const below = this.#together(known, needs);
    return { ...below, open: !this.#wasLookedAt(known, job.target, below.made) };
  }

  /** The standings of several names, which are known, for who needs them. */
  #together({ standings }: Known, names: readonly string[]): Standing {
    const failures = new Set<Job>();
    let cut = false;
    let made = false;
    let open = false;
    for (const name of names) {
      const standing = standings.get(name);
      if (!standing || standing === FINE) continue;
      // What fails in a large graph is named some hundred thousand times.
      if (failures.size < MOST_NAMED) for (const job of standing.failed) failures.add(job);
      cut ||= standing.cut;
      made ||= standing.made;
      open ||= standing.open;
    }
    const list = failures.size === 0 ? NONE : [...failures];
    return cut || made || open || list !== NONE ? { failed: list, cut, made, open } : FINE;
  }

  /** Did its tool come to it, and found it up to date? @param made something that it needs was made. */
  #wasLookedAt({ end, settled, ranks, furthest }: Known, name: string, made: boolean): boolean {
    if (!isUnsure(end) || settled.has(name)) return true;
    return !made && end !== 'running' && (ranks.get(name) ?? Infinity) < furthest;
  }

  #unmadeBy(known: Known, { failed: failures, cut, open }: Standing): Unmade | undefined {
    if (failures.length > 0) return unmade('blocked', failures);
    if (cut || (open && (known.end === 'interrupted' || known.end === 'running'))) return this.#unfinished();
    if (!open) return undefined;
    const { tool } = known.group.instance;
    return unmade('unreached', known.stoppedAt, { tool });
  }
}

/** It may not have come to all that it was to make. */
const isUnsure = (end: End): boolean => end !== 'whole' && end !== 'failed';

/** The tools whose graphs hold also what did not run. */
const WHOLE_GRAPHS = new Set(['make', 'ninja']);

function unmade(state: Unmade['state'], failures: readonly Job[], end?: Unmade['end']): Unmade {
  const some = [...new Set(failures)].slice(0, MOST_NAMED);
  return { state, failed: some, ...(end === undefined ? {} : { end }) };
}

/** What was looked at and needs no job of its own, since a job that ran needs it. */
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

/** The same command, but for options. */
function sameWords(a: readonly string[], b: readonly string[]): boolean {
  const words = (argv: readonly string[]): string =>
    argv.filter((word) => !/^(?:-.*|\d+)$/.test(word)).join('\0');
  return words(a) === words(b);
}
