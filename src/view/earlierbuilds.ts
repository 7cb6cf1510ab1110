// The jobs of earlier builds that stand for targets that did not run in this one, with their logs. A build is
// read only when one of its jobs is needed.

import type { Build, Instance, Job } from '../model/build.ts';
import { isFailure } from '../model/failure.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Sliced } from '../model/sliced.ts';
import { summarise } from '../store/builds.ts';
import { GraphHistory, sameCall } from '../store/graphhistory.ts';
import { BuildReader, type RecordedBuild } from '../store/reader.ts';
import { History } from '../store/history.ts';
import { isOfAnotherProject, rootOf } from '../store/layout.ts';
import { shownName } from '../model/shownname.ts';
import { type Place } from '../store/place.ts';
import type { Graph } from '../model/graph.ts';
import { setGoals } from '../model/reduce.ts';
import type { LogSource } from '../record/logsource.ts';
import type { WalkOptions } from '../linearize/walkoptions.ts';
import { type NotRemade, NotRemadeTargets } from '../linearize/notremade.ts';
import { lineEnds } from '../record/logsource.ts';
import { runsBefore } from './recordedruns.ts';
import { openNamed } from './viewedbuild.ts';

/** How much of a record is read in one piece, in bytes. */
const STEP = 256 * 1024;

export class EarlierBuilds {
  readonly #place: Place;
  readonly #id: string;
  readonly #build: Build;
  readonly #history: History;
  readonly #graphs: GraphHistory;
  readonly #opened = new Map<string, RecordedBuild>();
  /** Shown names by instance and target. */
  readonly #shown = new Map<Instance, Map<string, string>>();
  /** What `unchanged` has answered, by instance and shown name. */
  readonly #found = new Map<Instance | undefined, Map<string, readonly Job[]>>();
  /** The targets that ran in this build, by tool, and all of them. */
  readonly #here = new Map<string, Set<string>>();
  readonly #anyHere = new Set<string>();
  readonly #notRemade: NotRemadeTargets;
  #known = 0;

  /** @param id of the build. @param running whether it is still running. */
  constructor(place: Place, id: string, build: Build, running: () => boolean = () => false) {
    this.#place = place;
    this.#id = id;
    this.#build = build;
    this.#history = new History(place.store);
    this.#notRemade = new NotRemadeTargets(build, { graphOf: (instance) => this.graphOf(instance), running });
    this.#graphs = new GraphHistory(
      place.store,
      id,
      (other) => !isOfAnotherProject(place, build, summarise(place.store, other).started),
    );
  }

  /** The options of a walk that also shows what did not run. */
  walkOptions(): Required<Pick<WalkOptions, 'unchanged' | 'knownGraph' | 'shownName' | 'notRemade'>> {
    return {
      unchanged: (...asked) => this.unchanged(...asked),
      knownGraph: (instance) => this.graphOf(instance),
      shownName: (...asked) => this.shownName(...asked),
      notRemade: (...asked) => this.notRemade(...asked),
    };
  }

  /**
   * The name that is shown for a target of an instance; without an instance, it is the shown name already.
   */
  shownName(name: string, instance: Instance | undefined): string {
    if (!instance) return name;
    const names = listedIn(this.#shown, instance, () => new Map<string, string>());
    return listedIn(names, name, () => shownName(rootOf(this.#build, this.#place), instance.cwd, name));
  }

  /**
   * Why a target that did not run in this build is not known to be up to date; undefined if it is up to date.
   * @param job of an earlier build that stands for the target, if any.
   * @param instance of this build whose target it is, if known.
   */
  notRemade(job: Job | undefined, name: string, instance: Instance | undefined): NotRemade | undefined {
    if (job) return this.#notRemade.ofEarlier(job, instance);
    return instance && this.#notRemade.of(instance, name);
  }

  /** Answers WalkOptions.unchanged. */
  unchanged(
    name: string,
    instance: Instance | undefined,
    is?: (job: Job) => boolean,
  ): readonly Job[] | undefined {
    const shown = this.shownName(name, instance);
    if (is) return this.#find(shown, instance, is);
    if (this.#ranHere(shown, instance?.tool)) return undefined;
    const found = listedIn(this.#found, instance, () => new Map<string, readonly Job[]>());
    return listedIn(found, shown, () => this.#find(shown, instance));
  }

  /** The job that made the same target in the last build before this one, if any. */
  before(job: Job): Job | undefined {
    return this.#find(job.name, job.instance)[0];
  }

  /** Reads, in pieces, the build that `before` needs. */
  *readAhead(job: Job): Sliced<void> {
    const [first] = this.#history.last(job.name, this.#id, job.instance?.tool);
    yield;
    if (!first || this.#opened.has(first.build)) return;
    try {
      const reader = new BuildReader(this.#place.store, first.build, STEP);
      try {
        while (reader.step()) yield;
        this.#opened.set(first.build, reader.finish());
      } finally {
        reader.close();
      }
    } catch (error) {
      // `before` will meet the same failure.
      if (!isFailure(error)) throw error;
    }
  }

  /**
   * The graph of an instance. If it had nothing to do, or was interrupted, that of the last instance called
   * the same way; then its goals are set, too, if they were not known.
   */
  graphOf(instance: Instance): Graph | undefined {
    if (instance.graph) return instance.graph;
    const { graph, goals } = this.#graphs.find(instance) ?? {};
    if (goals) setGoals(instance, goals);
    return graph;
  }

  /** The earlier build that a job belongs to; undefined for a job of this one. */
  recordedOf(job: Job): RecordedBuild | undefined {
    if (this.#build.jobs[job.id] === job) return undefined;
    for (const recorded of this.#opened.values()) if (recorded.build.jobs[job.id] === job) return recorded;
    return undefined;
  }

  /** The builds that were opened. */
  opened(): Build[] {
    return [...this.#opened.values()].map(({ build }) => build);
  }

  /** Closes the history, and the builds that were opened. */
  close(): void {
    this.#history.close();
    for (const { logs } of this.#opened.values()) logs.close();
  }

  /** Where the log of any job is. @param own the logs of this build. */
  logsOf(own: LogSource): (job: Job) => LogSource {
    return (job) => this.recordedOf(job)?.logs ?? own;
  }

  /** Where lines end in the log of any job. @param own for the logs of this build. */
  lineEnds(
    own: (job: Job, at: ByteOffset) => ByteOffset | undefined,
  ): (job: Job, at: ByteOffset) => ByteOffset | undefined {
    return (job, at) => {
      const recorded = this.recordedOf(job);
      return recorded ? lineEnds(recorded.logs, false)(job, at) : own(job, at);
    };
  }

  #ranHere(shown: string, tool: string | undefined): boolean {
    const { jobs } = this.#build;
    for (; this.#known < jobs.length; this.#known++) {
      const job = jobs[this.#known];
      if (!job?.parent) continue;
      listedIn(this.#here, job.instance?.tool ?? '', () => new Set<string>()).add(job.name);
      this.#anyHere.add(job.name);
    }
    return (tool === undefined ? this.#anyHere : this.#here.get(tool))?.has(shown) ?? false;
  }

  #find(
    shown: string,
    instance: Instance | undefined,
    is: (job: Job) => boolean = () => true,
  ): readonly Job[] {
    const open = (id: string): RecordedBuild | undefined => this.#open(id);
    for (const { recorded, jobs } of runsBefore(this.#history, open, shown, this.#id, instance?.tool)) {
      if (isOfAnotherProject(this.#place, this.#build, recorded.build.started)) continue;
      const found = jobs.filter(is);
      if (found.length > 0) return ofOneInstance(found, instance);
    }
    return [];
  }

  #open(id: string): RecordedBuild | undefined {
    const known = this.#opened.get(id);
    if (known) return known;
    try {
      const { recorded } = openNamed(this.#place.store, id);
      this.#opened.set(id, recorded);
      return recorded;
    } catch (error) {
      if (!isFailure(error)) throw error;
      return undefined;
    }
  }
}

/**
 * Of several jobs of one name, those that one instance launched: an instance that was called the same way, or
 * else the last one.
 */
function ofOneInstance(jobs: readonly Job[], instance: Instance | undefined): readonly Job[] {
  if (jobs.every((job) => job.instance === jobs[0]?.instance)) return jobs;
  const like =
    jobs.find((job) => instance && job.instance && sameCall(job.instance, instance)) ?? jobs.at(-1);
  return jobs.filter((job) => job.instance === like?.instance);
}

/** The value of a key, which is made where there is none. */
function listedIn<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
