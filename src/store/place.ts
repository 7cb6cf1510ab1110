// Finds a project's root and the place of its store, out of the way of all tools that read the source tree.
// Knows what lies in a tree; creates nothing.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hash } from '../model/hash.ts';
import { leadsOut } from '../model/leadsout.ts';
import { readRegular } from './plainfile.ts';

/** At the top of what tup builds. */
const TUP_FOLDER = '.tup';
/** A store in the tree. */
const STORE_FOLDER = '.loglin';
/** Folders at the root of a project whose tool takes all that is in its tree: Debian's packaging, and tup. */
const WHOLE_TREE = ['debian', TUP_FOLDER];
/** The project's configuration, at its root. */
const CONFIG_FILE = '.loglin.json';

/** A folder's project: the root of names and paths, and the store of its builds. */
export interface Place {
  readonly root: string;
  readonly store: string;
  /** The store belongs to this project alone. */
  readonly projectStore?: true;
  /** The project's git directory; a worktree or submodule has its own. */
  readonly git?: string;
  /** A store that would take precedence but cannot be written. */
  readonly unwritable?: string;
}

/**
 * Finds the project of a folder, and its store. The candidates are an existing `.loglin/`, `loglin/` in the
 * git directory, and `.loglin/` at the root. If the whole tree is a tool's at the root, as Debian's packaging
 * packs it and tup watches it, a folder in the user's state replaces the last one. The first candidate that
 * has builds is taken. The upward search ends at the git root, below $HOME, at another file system, and at
 * folders of other users.
 * @param folder the folder, resolved.
 * @param store overrides the store.
 */
export function findPlace(folder: string, store?: string): Place {
  const found = new Search(folder);
  if (store !== undefined) return found.place(path.resolve(folder, store));
  const stores = found.stores();
  const writable = stores.filter(canWrite);
  const chosen = writable.find(hasBuilds) ?? stores.find(hasBuilds) ?? writable[0] ?? stores[0]!;
  return { ...found.place(chosen), projectStore: true };
}

/** Like findPlace, for a build to be recorded: takes the first store that can be written. */
export function placeToRecord(folder: string, store?: string): Place {
  const found = new Search(folder);
  if (store !== undefined) return found.place(path.resolve(folder, store));
  const stores = found.stores();
  const chosen = stores.find(canWrite) ?? stores[0]!;
  const passedOver = chosen === stores[0] ? {} : { unwritable: stores[0]! };
  return { ...found.place(chosen), projectStore: true, ...passedOver };
}

/**
 * Returns the path of the project's configuration, which need not exist: at the root, or in the store, where
 * it used to be.
 */
export function configFile({ root, store }: Place): string {
  const file = path.join(root, CONFIG_FILE);
  const earlier = path.join(store, 'config.json');
  return !fs.existsSync(file) && fs.existsSync(earlier) ? earlier : file;
}

class Search {
  readonly root: string;
  readonly git: string | undefined;
  readonly #gitRoot: string | undefined;
  readonly #owners: ReadonlySet<number>;

  constructor(folder: string) {
    this.#owners = owners(folder);
    let existing: string | undefined;
    let config: string | undefined;
    let workspace: string | undefined;
    let tup: string | undefined;
    for (const at of upward(folder, this.#owners)) {
      const inProject = this.#gitRoot === undefined;
      const settings = path.join(at, CONFIG_FILE);
      if (inProject && existing === undefined && config === undefined && this.#isStore(at)) existing = at;
      if (inProject && fs.existsSync(settings)) config ??= at;
      if (inProject && isFolder(path.join(at, TUP_FOLDER))) tup ??= at;
      if (workspace === undefined && isWorkspace(settings)) workspace = at;
      if (inProject && fs.existsSync(path.join(at, '.git'))) {
        this.#gitRoot = at;
        this.git = gitFolder(at, this.#owners);
      }
    }
    this.root = existing ?? workspace ?? config ?? this.#gitRoot ?? tup ?? folder;
  }

  place(store: string): Place {
    return { root: this.root, store, ...(this.git === undefined ? {} : { git: this.git }) };
  }

  /** Returns the possible stores, the best first; there is at least one. */
  stores(): string[] {
    const inTree = path.join(this.root, STORE_FOLDER);
    const inState = stateFolder(this.root);
    const inGit = this.#storeInGit();
    const packaged =
      this.git === undefined && WHOLE_TREE.some((name) => isFolder(path.join(this.root, name)));
    const exists = this.#isStore(this.root) && (!packaged || hasBuilds(inTree));
    const order = [exists ? inTree : undefined, inGit, ...(packaged ? [inState, inTree] : [inTree, inState])];
    return [...new Set(order.filter((store) => store !== undefined))];
  }

  #storeInGit(): string | undefined {
    if (this.git === undefined || this.#gitRoot === undefined) return undefined;
    const below = path.relative(this.#gitRoot, this.root);
    // A workspace that contains many repositories belongs to none of them.
    if (leadsOut(below)) return undefined;
    const store = path.join(this.git, 'loglin');
    return below === '' ? store : path.join(store, 'projects', nameOf(below));
  }

  /** Is there a store in this folder? */
  #isStore(folder: string): boolean {
    const stat = fs.statSync(path.join(folder, STORE_FOLDER), { throwIfNoEntry: false });
    return stat !== undefined && stat.isDirectory() && this.#owners.has(stat.uid);
  }
}

/**
 * Returns the users whose folders count as the project's: the one who builds, the one who called sudo, and
 * the owner of the current folder.
 */
function owners(folder: string): Set<number> {
  const users = new Set([process.getuid?.() ?? 0, fs.statSync(folder).uid]);
  const { SUDO_UID: sudo } = process.env;
  if (process.getuid?.() === 0 && sudo !== undefined && /^\d+$/.test(sudo)) users.add(Number(sudo));
  return users;
}

const STICKY_FOR_ALL = 0o1002;

/** Yields the folder and its ancestors, as far as they may belong to its project. */
function* upward(folder: string, users: ReadonlySet<number>): Generator<string> {
  const home = realpath(process.env.HOME ?? os.homedir());
  const { dev, uid } = fs.statSync(folder);
  for (let at = folder; ;) {
    yield at;
    const above = path.dirname(at);
    if (above === at || at === home || above === home) return;
    const stat = fs.statSync(above, { throwIfNoEntry: false });
    // Above another user's folder, only that user's folders count. root's /home belongs to no project.
    const mine = stat !== undefined && (stat.uid === uid || (users.has(stat.uid) && stat.uid !== 0));
    if (!mine || stat.dev !== dev || (stat.mode & STICKY_FOR_ALL) === STICKY_FOR_ALL) return;
    at = above;
  }
}

function realpath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

/**
 * Returns a work tree's git directory (gitrepository-layout(5)); undefined if there is none, or it belongs to
 * another user.
 */
function gitFolder(root: string, users: ReadonlySet<number>): string | undefined {
  try {
    let git = path.join(root, '.git');
    if (fs.statSync(git).isFile()) {
      const link = /^gitdir: (.+)\n?$/.exec(readRegular(git, LONGEST).toString());
      if (!link) return undefined;
      git = fs.realpathSync(path.resolve(root, link[1] ?? ''));
    }
    const stat = fs.statSync(git);
    const whole = stat.isDirectory() && fs.existsSync(path.join(git, 'HEAD'));
    return whole && users.has(stat.uid) ? git : undefined;
  } catch {
    return undefined;
  }
}

/** A longer file was written neither by hand nor by git. */
const LONGEST = 1024 * 1024;

const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/.*|\/\*[^]*?\*\/|[{}[\]:,]|[^\s{}[\]:,"/]+/g;

/**
 * Does a configuration say `"workspace": true`? Loading its parser would take longer than everything else
 * here. Others report its errors.
 */
function isWorkspace(file: string): boolean {
  let text: string;
  try {
    text = readRegular(file, LONGEST).toString();
  } catch {
    return false;
  }
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !token.startsWith('/'));
  let depth = 0;
  return tokens.some((token, i) => {
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
    return depth === 1 && token === '"workspace"' && tokens[i + 1] === ':' && tokens[i + 2] === 'true';
  });
}

/**
 * Returns a folder for a project's builds in the user's state (XDG Base Directory Specification); undefined
 * if there is no such place.
 */
function stateFolder(root: string): string | undefined {
  const base = userState();
  return base && path.join(base, nameOf(root));
}

/** Returns the folder of loglin in the user's state; undefined if there is no such place. */
export function userState(): string | undefined {
  const { XDG_STATE_HOME: state = '', HOME: home = os.homedir() } = process.env;
  const base = path.isAbsolute(state) ? state : home === '' ? undefined : path.join(home, '.local/state');
  return base && path.join(base, 'loglin');
}

/** No file system allows longer names. */
const LONGEST_NAME = 200;

/** Returns a path as a single name, like vim's undo files: `%home%ann%project`. */
function nameOf(folder: string): string {
  const name = folder.replaceAll('%', '%%').replaceAll('/', '%');
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return `%${hash(name).toString(36)}%${name.slice(-LONGEST_NAME / 4)}`;
}

function hasBuilds(store: string): boolean {
  try {
    fs.accessSync(path.join(store, 'builds'), fs.constants.R_OK | fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Can builds be kept there? Checks the folder, or the one in which it will have to be created. */
function canWrite(store: string): boolean {
  for (let at = store; ; at = path.dirname(at)) {
    try {
      fs.accessSync(at, fs.constants.W_OK | fs.constants.X_OK);
      return isFolder(at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === path.dirname(at)) return false;
    }
  }
}

function isFolder(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
