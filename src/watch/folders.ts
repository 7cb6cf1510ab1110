// Watches files: one watcher for each folder that has some, and for the folders between it and the root, so
// that a folder that comes back is seen. What is told of a folder is only a hint: a file has changed if its
// stamp has (time, size, file number). A folder is watched first and looked at then, so that nothing is
// missed in between. (`fs.watch` of a whole tree takes ten times the watches; libraries that do it lose what
// comes with new folders.)

import fs from 'node:fs';
import path from 'node:path';
import { Stamps } from './stamps.ts';

export interface FolderEvents {
  /** A watched file has changed, come or gone. */
  changed(name: string): void;
  /** Something else in a watched folder has. */
  other(name: string): void;
  /** The system cannot watch so much; the files are looked at every second from now on. */
  exhausted(code: string): void;
}

/** How often files are looked at when the system cannot watch them. */
const LOOK_MS = 1000;
/** So many times as long as that takes, nothing is done. */
const LOOK_SHARE = 10;

interface Folder {
  /** As in names: relative to the root, '' for the root itself; absolute outside. */
  readonly name: string;
  readonly parent: Folder | undefined;
  /** The places of files in the table of stamps. */
  readonly files: Map<string, number>;
  readonly folders: Map<string, Folder>;
  /** It is watched though no file in it is: for what comes. */
  wanted: boolean;
  watcher: fs.FSWatcher | undefined;
  /** The file number of what is watched. */
  ino: number;
}

export class WatchedFolders {
  readonly #root: string;
  readonly #events: FolderEvents;
  /** The root, and folders outside of it. */
  readonly #tops = new Map<string, Folder>();
  readonly #stamps = new Stamps();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param root absolute. */
  constructor(root: string, events: FolderEvents) {
    this.#root = root;
    this.#events = events;
  }

  /** How many of the files exist. */
  get count(): number {
    let count = 0;
    for (const folder of this.#all())
      for (const place of folder.files.values()) if (this.#stamps.isFile(place)) count++;
    return count;
  }

  /**
   * Watches these files and no others.
   * @param folders of which all changes are told.
   * @param since a time, in milliseconds since the epoch.
   * @returns those that were not watched before, and were written since then.
   */
  set(names: ReadonlySet<string>, since = Infinity, folders: Iterable<string> = []): string[] {
    for (const folder of this.#all()) folder.wanted = false;
    this.includeFolders(folders);
    const fresh = this.include(names, since);
    for (const folder of [...this.#all()].reverse()) {
      for (const [base, place] of folder.files) {
        if (names.has(nameIn(folder, base))) continue;
        folder.files.delete(base);
        this.#stamps.remove(place);
      }
      if (folder.files.size + folder.folders.size === 0 && !folder.wanted) this.#drop(folder);
    }
    return fresh;
  }

  /** Watches these files, too. @returns as set does. */
  include(names: Iterable<string>, since = Infinity): string[] {
    const fresh: string[] = [];
    for (const name of names) {
      const folder = this.#folderOf(path.dirname(name));
      const base = path.basename(name);
      if (folder.files.has(base)) continue;
      const stat = this.#stat(name);
      folder.files.set(base, this.#stamps.add(stat));
      if (stat && stat.mtimeMs > since) fresh.push(name);
    }
    return fresh;
  }

  /** Tells of all changes in these folders, too. */
  includeFolders(names: Iterable<string>): void {
    for (const name of names) this.#folderOf(name).wanted = true;
  }

  /** Is this file watched? */
  has(name: string): boolean {
    return this.#known(path.dirname(name))?.files.has(path.basename(name)) ?? false;
  }

  /** Looks at all files. */
  look(): void {
    for (const folder of this.#all()) for (const base of folder.files.keys()) this.#check(folder, base);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const folder of this.#all()) folder.watcher?.close();
    this.#tops.clear();
  }

  *#all(): Generator<Folder> {
    const left = [...this.#tops.values()];
    for (let folder = left.pop(); folder; folder = left.pop()) {
      yield folder;
      left.push(...folder.folders.values());
    }
  }

  #known(name: string): Folder | undefined {
    const [top, ...parts] = partsOf(name);
    let folder = this.#tops.get(top);
    for (const part of parts) folder = folder?.folders.get(part);
    return folder;
  }

  #folderOf(name: string): Folder {
    const [top, ...parts] = partsOf(name);
    let folder = this.#tops.get(top) ?? this.#make(top, undefined);
    this.#tops.set(top, folder);
    for (const part of parts) {
      const below: Folder = folder.folders.get(part) ?? this.#make(nameIn(folder, part), folder);
      folder.folders.set(part, below);
      folder = below;
    }
    return folder;
  }

  #make(name: string, parent: Folder | undefined): Folder {
    const folder = {
      name,
      parent,
      files: new Map(),
      folders: new Map(),
      wanted: false,
      watcher: undefined,
      ino: 0,
    };
    this.#watch(folder);
    return folder;
  }

  #drop(folder: Folder): void {
    folder.watcher?.close();
    if (folder.parent) folder.parent.folders.delete(path.basename(folder.name));
    else this.#tops.delete(folder.name);
  }

  #watch(folder: Folder): void {
    if (this.#timer !== undefined || this.#closed) return;
    const stat = this.#stat(folder.name);
    folder.ino = stat?.ino ?? 0;
    if (!stat?.isDirectory()) return;
    try {
      const watcher = fs.watch(this.#path(folder.name), (_event, base) => {
        this.#told(folder, base);
      });
      watcher.on('error', () => {
        watcher.close();
      });
      folder.watcher = watcher;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      // It has gone since; who watches its parent will hear of it.
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return;
      this.#lookInstead(code);
    }
  }

  #lookInstead(code: string): void {
    for (const folder of this.#all()) {
      folder.watcher?.close();
      folder.watcher = undefined;
    }
    this.#lookAgain(LOOK_MS);
    this.#events.exhausted(code);
  }

  #lookAgain(ms: number): void {
    this.#timer = setTimeout(() => {
      const begun = Date.now();
      this.look();
      // Of very many files, it may take as long as a second itself.
      this.#lookAgain(Math.max(LOOK_MS, LOOK_SHARE * (Date.now() - begun)));
    }, ms);
  }

  #told(folder: Folder, base: string | null): void {
    if (this.#closed) return;
    if (base === null) {
      for (const one of folder.files.keys()) this.#check(folder, one);
      return;
    }
    const below = folder.folders.get(base);
    if (below) this.#again(below);
    if (folder.files.has(base)) this.#check(folder, base);
    else if (!below) this.#events.other(nameIn(folder, base));
  }

  /** Watches what is at a folder's place now, if that is another one. */
  #again(folder: Folder): void {
    if ((this.#stat(folder.name)?.ino ?? 0) === folder.ino) return;
    folder.watcher?.close();
    folder.watcher = undefined;
    this.#watch(folder);
    for (const base of folder.files.keys()) this.#check(folder, base);
    for (const below of folder.folders.values()) {
      below.ino = -1;
      this.#again(below);
    }
  }

  #check(folder: Folder, base: string): void {
    const name = nameIn(folder, base);
    const place = folder.files.get(base);
    if (place !== undefined && this.#stamps.put(place, this.#stat(name))) this.#events.changed(name);
  }

  #path(name: string): string {
    return path.isAbsolute(name) ? name : name === '' ? this.#root : `${this.#root}/${name}`;
  }

  #stat(name: string): fs.Stats | undefined {
    try {
      return fs.statSync(this.#path(name), { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }
}

function nameIn(folder: Folder, base: string): string {
  return folder.name === '' ? base : `${folder.name}/${base}`;
}

/** A top, and the folders below it. Above a folder that is outside of the root, nothing is watched. */
function partsOf(name: string): [top: string, ...parts: string[]] {
  if (path.isAbsolute(name)) return [name];
  return name === '.' || name === '' ? [''] : ['', ...name.split('/')];
}
