// Removes old builds from a store. A build's folder is first renamed to a name that listings skip, so that at
// any moment a build exists as a whole or not at all. The next gc removes what a crash leaves behind. A build
// that holds the latest logs of targets that still exist keeps those logs, its journal and its graphs: it is
// thinned.

import fs from 'node:fs';
import path from 'node:path';
import type { Build } from '../model/build.ts';
import { Failure, isFailure, reason } from '../model/failure.ts';
import type { JobId } from '../model/ids.ts';
import { type BuildSummary, listBuilds, silentSince, summarise } from './builds.ts';
import { isThinned, openBuild } from './reader.ts';
import { graphsOf } from './buildindex.ts';
import { History } from './history.ts';
import { LatestLogs } from './latestlogs.ts';
import { buildFolder, buildsFolder, indexFile, logsFolder, sizeFile, thinnedFile } from './layout.ts';
import { type Place } from './place.ts';
import { tryLock } from './lock.ts';
import { logSize, loggedJobs } from './logs.ts';
import { writePrivate } from './privatefiles.ts';
import { checkFolder } from './plainfile.ts';
import { liveness } from './running.ts';
import { type Limits, type Occupant, beyond } from './retention.ts';
import { removeLeftovers, scratchFolder } from './scratch.ts';
import { buildSize, indexSize, notedSize, occupied } from './sizes.ts';

/** What was done with one build, or would be. */
export interface Removal {
  readonly id: string;
  readonly action: 'removed' | 'thinned';
  /** In bytes on disk. */
  readonly freed: number;
  /** The number of logs that stay. */
  readonly logs: number;
}

export interface Collected {
  readonly removals: readonly Removal[];
  /** The contents of the store afterwards. */
  readonly builds: number;
  readonly bytes: number;
  /** The errors, one line each. */
  readonly problems: readonly string[];
}

interface Found extends Occupant {
  readonly thinned: boolean;
}

/**
 * A build without an end that was written to this recently may be running on another machine, where its
 * process cannot be seen.
 */
const YOUNG_MS = 3600_000;
/** The same for a build on this machine, in a container that shares no temp folder with us. */
const UNSEEN_MS = 24 * 3600_000;

/** Sorts after every id. */
const AFTER_ALL = '\uffff';

const lockFile = (store: string): string => path.join(store, 'gc.lock');

/**
 * Returns whether a gc would find something to do. It is quick: it reads no log, and no journal unless there
 * are many builds. Builds that were thinned before do not count. They are examined again only on request. It
 * is due only when there are a tenth more builds than are kept, or else each build would start one.
 * @throws Failure if the store cannot be read.
 */
export function isDue(store: string, limits: Limits): boolean {
  const ids = listBuilds(store);
  const slack = Math.floor(limits.builds / 10);
  if (ids.length <= limits.builds + slack) {
    let bytes = 0;
    for (const id of ids) {
      const noted = notedSize(buildFolder(store, id));
      bytes += noted === undefined ? find(store, id).bytes : noted + indexSize(buildFolder(store, id));
    }
    if (bytes <= limits.bytes) return false;
  }
  const found = ids.map((id) => find(store, id));
  const old = beyond(found, limits).filter(({ thinned }) => !thinned);
  const bytes = found.reduce((sum, build) => sum + build.bytes, 0);
  return old.length > (bytes > limits.bytes ? 0 : slack);
}

/**
 * Removes what exceeds the limits.
 * @param again also examines builds that were thinned before.
 * @returns undefined if another process is doing this already.
 * @throws Failure if the store cannot be read.
 */
export function collect(
  place: Place,
  limits: Limits,
  options: { readonly dry: boolean; readonly again: boolean },
): Collected | undefined {
  const { store } = place;
  if (options.dry) return new Collection(place, limits, options.again, true).run();
  if (!fs.existsSync(buildsFolder(store))) return { removals: [], builds: 0, bytes: 0, problems: [] };
  let lock;
  try {
    lock = tryLock(lockFile(store));
  } catch (error) {
    throw new Failure(`${lockFile(store)}: ${reason(error)}`);
  }
  if (!lock) return undefined;
  try {
    const problems = removeLeftovers(store);
    return new Collection(place, limits, options.again, false, problems).run();
  } finally {
    lock.release();
  }
}

/**
 * Removes a build for good.
 * @throws Failure if that is not possible.
 */
export function removeBuild(store: string, id: string): void {
  const folder = buildFolder(store, id);
  const gone = scratchFolder(store, 'removed', id);
  try {
    // A build that cannot be removed is not hidden either.
    for (const at of [folder, logsFolder(folder)])
      if (fs.existsSync(at)) fs.accessSync(at, fs.constants.W_OK);
    fs.renameSync(folder, gone);
    fs.rmSync(gone, { recursive: true, force: true });
  } catch (error) {
    // Another process has removed it.
    if (!fs.existsSync(folder) && !fs.existsSync(gone)) return;
    throw new Failure(`${fs.existsSync(gone) ? gone : folder}: ${reason(error)}`);
  }
}

/** May the build still be written to? */
export function mayRun(store: string, { id, state, started, ended }: BuildSummary): boolean {
  if (ended) return false;
  const unseen = started !== undefined && liveness(started) === 'unknown';
  return state === 'running' || silentSince(buildFolder(store, id)) < (unseen ? UNSEEN_MS : YOUNG_MS);
}

function find(store: string, id: string): Found {
  const folder = buildFolder(store, id);
  const summary = summarise(store, id);
  const running = mayRun(store, summary);
  return {
    id,
    bytes: running ? 0 : buildSize(folder) + indexSize(folder),
    held: running || summary.version !== undefined,
    inside: summary.started?.inside ?? false,
    thinned: isThinned(folder),
  };
}

/** A single run of gc. */
class Collection {
  readonly #store: string;
  readonly #root: string;
  readonly #limits: Limits;
  readonly #again: boolean;
  readonly #dry: boolean;
  readonly #removals: Removal[] = [];
  readonly #problems: string[];

  constructor({ store, root }: Place, limits: Limits, again: boolean, dry: boolean, problems: string[] = []) {
    this.#store = store;
    this.#root = root;
    this.#limits = limits;
    this.#again = again;
    this.#dry = dry;
    this.#problems = problems;
  }

  run(): Collected {
    const found = listBuilds(this.#store).map((id) => find(this.#store, id));
    const old = new Set(beyond(found, this.#limits));
    const wanted = [...old].filter(({ thinned }) => this.#again || !thinned);
    const [oldest] = wanted;
    if (oldest) this.#remove(found.slice(found.indexOf(oldest)), old);
    const whole = this.#removals.filter(({ action }) => action === 'removed').length;
    const freed = this.#removals.reduce((sum, removal) => sum + removal.freed, 0);
    return {
      removals: this.#removals,
      builds: found.length - whole,
      bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) - freed,
      problems: this.#problems,
    };
  }

  /** @param found the builds from the first old one on. */
  #remove(found: readonly Found[], old: ReadonlySet<Found>): void {
    const history = new History(this.#store);
    // The history decides what is removed for good, so it is checked first.
    history.check();
    // Projects that share a store may have targets of the same names.
    const projects = new Map<string, Found[]>();
    for (const build of found) {
      const root = this.#rootOf(build.id);
      const same = projects.get(root);
      if (same) same.push(build);
      else projects.set(root, [build]);
    }
    for (const [root, builds] of projects) this.#removeOf(root, builds, old, history);
    if (!this.#dry) history.compact();
    history.close();
    this.#removals.sort((x, y) => (x.id < y.id ? -1 : 1));
  }

  /**
   * Returns the folder of a build's project. A folder that is gone may be this project's before it was moved.
   */
  #rootOf(id: string): string {
    const root = summarise(this.#store, id).started?.root;
    return root !== undefined && fs.existsSync(root) ? root : this.#root;
  }

  /** @param found the builds of one project. */
  #removeOf(root: string, found: readonly Found[], old: ReadonlySet<Found>, history: History): void {
    const kept = found.filter((build) => !old.has(build)).reverse();
    const ids = new Set(found.map(({ id }) => id));
    const logs = new LatestLogs({
      newest: ({ name, instance }) => {
        for (let before = AFTER_ALL; ;) {
          const [run] = history.last(name, before, instance?.tool ?? '');
          if (!run || ids.has(run.build)) return run?.build;
          before = run.build;
        }
      },
      exists: (folder) => fs.existsSync(path.resolve(root, folder)),
      kept: () => kept.flatMap(({ id }) => this.#read(id) ?? []),
    });
    for (const { id } of kept) logs.keep(graphsOf(buildFolder(this.#store, id)).values());
    for (const build of found.filter((one) => old.has(one)).reverse()) {
      try {
        this.#take(build, logs);
      } catch (error) {
        if (!isFailure(error)) throw error;
        this.#problems.push(error.message);
      }
    }
  }

  #take(found: Found, logs: LatestLogs): void {
    const { id, bytes } = found;
    const build = this.#read(id);
    const last = build ? logs.lastOf(id, build) : new Set<JobId>();
    // A build without any of its logs needs no folder.
    const folder = buildFolder(this.#store, id);
    const stay = [...last].filter((job) => (logSize(folder, job) ?? 0) > 0);
    if (stay.length > 0) {
      this.#thin(found, new Set(stay));
      return;
    }
    if (!this.#dry) removeBuild(this.#store, id);
    this.#removals.push({ id, action: 'removed', freed: bytes, logs: 0 });
  }

  /**
   * Returns undefined if nothing of the build can be read. Then nobody could find a target's log in it
   * either.
   */
  #read(id: string): Build | undefined {
    try {
      return openBuild(this.#store, id).build;
    } catch (error) {
      if (!isFailure(error)) throw error;
      return undefined;
    }
  }

  #thin({ id, thinned }: Found, stay: ReadonlySet<JobId>): void {
    const folder = buildFolder(this.#store, id);
    const goes = loggedJobs(folder).filter((job) => !stay.has(job));
    if (goes.length === 0 && thinned) return;
    let freed = 0;
    for (const job of goes) freed += occupied(logSize(folder, job) ?? 0);
    if (!this.#dry) {
      try {
        // This order ensures that the folder always says why a log is missing.
        checkFolder(logsFolder(folder));
        writePrivate(thinnedFile(folder), '');
        // Nobody looks at it often any more.
        for (const file of [sizeFile(folder), indexFile(folder)]) fs.rmSync(file, { force: true });
        for (const name of fs.readdirSync(logsFolder(folder)))
          if (!stay.has(parseInt(name, 10) as JobId))
            fs.rmSync(path.join(logsFolder(folder), name), { force: true });
        buildSize(folder);
      } catch (error) {
        throw new Failure(`${folder}: ${reason(error)}`);
      }
    }
    if (goes.length > 0) this.#removals.push({ id, action: 'thinned', freed, logs: stay.size });
  }
}
