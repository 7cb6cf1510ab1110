// Builds, and builds again whenever an input has changed. Never two builds at once: what changes during one
// is collected, and one more follows. How a build is run, and what is printed, is up to the caller.

import fs from 'node:fs';
import path from 'node:path';
import { reason } from '../model/failure.ts';
import type { Place } from '../store/place.ts';
import { ageOf } from '../store/plainfile.ts';
import { writeChange } from '../store/watchedchange.ts';
import { Collector } from './collector.ts';
import { WatchedFolders } from './folders.ts';
import { KnownGraphs, type ReadBuild, type ReportedInputs } from './graphs.ts';
import type { BuildInputs } from './inputs.ts';
import { sourceFiles, sourceFolders, trackedOf } from './sources.ts';
import type { Change } from './words.ts';

/** Why a build is started. */
export interface Reason {
  /** None: it is the first one. */
  readonly changes: readonly Change[];
  /** How many targets depend on them; undefined if no graph tells. */
  readonly targets: number | undefined;
}

export interface RunningBuild {
  readonly ended: Promise<EndedBuild>;
  interrupt(): void;
}

export interface EndedBuild {
  /** Undefined if it was not recorded. */
  readonly id: string | undefined;
  /** Nothing can be built: the watch is over. */
  readonly hopeless: boolean;
}

export interface SessionSetting {
  readonly place: Place;
  readonly argv: readonly string[];
  /** The folder of the command, relative to the root. */
  readonly cwd: string;
  /** A build is interrupted when an input changes. */
  readonly restart: boolean;
  readonly ignored: (name: string) => boolean;
  readonly reported: ReportedInputs;
  readonly build: (reason: Reason) => RunningBuild;
  /** Called after each build. @param files how many are watched. */
  readonly watching: (files: number) => void;
  readonly warn: (text: string) => void;
}

const QUIET_MS = 100;
const MOST_MS = 5000;
/** A lock of git's index that is older was left behind. */
const LOCKED_MS = 60_000;
/**
 * A file that git does not know, and that is written in so many builds after each other, is one of theirs.
 */
const WRITTEN_IN = 5;
/** Of so many changes, some may not have been told. */
const MANY = 1000;
/** So many other changes are named. */
const MOST_OTHERS = 1000;

export class WatchSession {
  readonly #setting: SessionSetting;
  readonly #git: boolean;
  readonly #graphs: KnownGraphs;
  readonly #folders: WatchedFolders;
  readonly #collector: Collector;
  readonly #others = new Set<string>();
  /** In how many builds after each other each file was written; of those that git does not know. */
  #written = new Map<string, number>();
  readonly #during = new Set<string>();
  readonly #own = new Set<string>();
  /** What else had changed before the running build. */
  #unrecognized: string[] = [];
  #sequence = 0;
  #inputs: BuildInputs | undefined;
  #running: RunningBuild | undefined;
  #interrupted = false;
  #over = false;
  #ended: (() => void) | undefined;
  #asking: NodeJS.Timeout | undefined;
  readonly #asked = new Set<string>();

  constructor(setting: SessionSetting) {
    const { place } = setting;
    this.#setting = setting;
    this.#git = place.git !== undefined;
    this.#graphs = new KnownGraphs(place, setting.reported);
    this.#folders = new WatchedFolders(place.root, {
      changed: (name) => {
        this.#changed(name);
      },
      other: (name) => {
        this.#other(name);
      },
      exhausted: (code) => {
        setting.warn(exhausted(code));
      },
    });
    this.#collector = new Collector({
      quietMs: QUIET_MS,
      mostMs: MOST_MS,
      busy: () => place.git !== undefined && ageOf(path.join(place.git, 'index.lock')) < LOCKED_MS,
      ready: () => {
        this.#ready();
      },
    });
  }

  /** Builds until stop() is called, or nothing can be built. */
  async run(): Promise<void> {
    const { argv, cwd } = this.#setting;
    this.#graphs.addEarlier(argv, cwd);
    this.#watch(Infinity);
    const over = new Promise<void>((resolve) => (this.#ended = resolve));
    void this.#build([]);
    await over;
    this.#folders.close();
    clearTimeout(this.#asking);
    this.#collector.take();
  }

  /** Ends the watch once the running build has ended. */
  stop(): void {
    this.#over = true;
    if (!this.#running) this.#ended?.();
  }

  async #build(changes: readonly Change[]): Promise<void> {
    const { build, watching } = this.#setting;
    const since = Date.now();
    const names = changes.map(({ name }) => name);
    const targets = this.#inputs?.targetsOf(names);
    this.#running = build({ changes, targets: targets?.length });
    const { id, hopeless } = await this.#running.ended;
    const read = id === undefined ? undefined : this.#graphs.add(id);
    if (this.#collector.names.size > MANY) this.#folders.look();
    // What was written meanwhile, and was not known to be an input.
    for (const name of trackedOf(this.#setting.place.root, this.#git, this.#watch(since)))
      this.#changed(name);
    this.#running = undefined;
    this.#interrupted = false;
    if (id !== undefined && read && changes.length > 0) this.#note(id, names, read);
    // What the build itself wrote.
    this.#others.clear();
    watching(this.#folders.count);
    if (this.#over || hopeless) this.#ended?.();
    else this.#collector.check();
  }

  /** Notes beside the build what had changed, and what was made again because of that. */
  #note(id: string, names: readonly string[], { made }: ReadBuild): void {
    const { place, warn } = this.#setting;
    const unrecognized = this.#unrecognized;
    const outputs = (this.#inputs?.targetsOf(names) ?? []).filter((name) => made.has(name)).sort();
    const sequence = ++this.#sequence;
    try {
      writeChange(place.store, id, { change: { inputs: names, unrecognized, outputs }, sequence });
    } catch (error) {
      warn(`the change is not told to others: ${reason(error)}`);
    }
  }

  #ready(): void {
    if (!this.#running) this.#next();
    else if (this.#setting.restart && !this.#interrupted && this.#surely()) {
      this.#interrupted = true;
      this.#running.interrupt();
    }
  }

  /** Has an input changed? Without a graph, it may be what the running build writes. */
  #surely(): boolean {
    if (this.#inputs) return true;
    return this.#git && trackedOf(this.#setting.place.root, true, [...this.#collector.names]).length > 0;
  }

  #next(): void {
    if (this.#collector.names.size > MANY) this.#folders.look();
    const names = this.#collector.take().sort();
    this.#noteWritten(names);
    const { root } = this.#setting.place;
    const changes = names
      // Until the first build has ended, files may count that its graph then says are made.
      .filter((name) => !this.#own.has(name) && this.#folders.has(name))
      .map((name) => ({ name, gone: !fs.existsSync(path.resolve(root, name)) }));
    if (changes.length === 0) return;
    // What is gone again was temporary: editors write such files.
    this.#unrecognized = [...this.#others].filter((name) => isFile(path.resolve(root, name))).sort();
    void this.#build(changes);
  }

  /** A build that writes a file that it is said to read would be followed by builds without end. */
  #noteWritten(names: readonly string[]): void {
    const during = names.filter((name) => this.#during.has(name));
    this.#during.clear();
    const counts = new Map<string, number>();
    for (const name of during) counts.set(name, (this.#written.get(name) ?? 0) + 1);
    this.#written = counts;
    const often = [...counts].filter(([, count]) => count >= WRITTEN_IN).map(([name]) => name);
    if (often.length === 0) return;
    const { place, warn } = this.#setting;
    const tracked = new Set(this.#git ? trackedOf(place.root, true, often) : []);
    for (const name of often) {
      if (tracked.has(name)) continue;
      this.#own.add(name);
      warn(`${name}: each build writes it, so that it is no reason for another one`);
    }
  }

  /** Watches the inputs. @returns those that were not known and were written since then. */
  #watch(since: number): string[] {
    const { place, ignored } = this.#setting;
    this.#inputs = this.#graphs.inputs();
    const folders = this.#inputs ? [] : sourceFolders(place.root, this.#git);
    const all = this.#inputs?.inputs ?? sourceFiles(place.root, this.#git);
    const names = new Set<string>();
    for (const name of all) if (!ignored(name)) names.add(name);
    return this.#folders.set(names, since, folders);
  }

  /** Whether a graph tells the inputs. */
  get graphed(): boolean {
    return this.#inputs !== undefined;
  }

  #changed(name: string): void {
    if (this.#running) this.#during.add(name);
    if (!this.#own.has(name)) this.#collector.add(name);
  }

  #other(name: string): void {
    if (this.#inputs) {
      if (this.#others.size < MOST_OTHERS && !this.#inputs.makes(name)) this.#others.add(name);
      return;
    }
    // It may be a new file, or a folder with some.
    this.#asked.add(name);
    this.#asking ??= setTimeout(() => {
      this.#asking = undefined;
      this.#takeNew();
    }, QUIET_MS / 4);
  }

  #takeNew(): void {
    const { place, ignored } = this.#setting;
    const asked = [...this.#asked];
    this.#asked.clear();
    if (this.#inputs) return;
    // Watched before it is looked what is in them, so that nothing is missed in between.
    this.#folders.includeFolders(sourceFolders(place.root, this.#git, asked));
    const found = sourceFiles(place.root, this.#git, asked).filter(
      (name) => !ignored(name) && !this.#folders.has(name),
    );
    const fresh = found.filter((name) => fs.existsSync(path.join(place.root, name)));
    this.#folders.include(fresh);
    for (const name of fresh) this.#changed(name);
  }
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function exhausted(code: string): string {
  const limit = code === 'EMFILE' ? 'fs.inotify.max_user_instances' : 'fs.inotify.max_user_watches';
  return `the system watches no more folders (${code}), so files are looked at every second; sysctl ${limit} is the limit`;
}
