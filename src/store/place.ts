// Where a project is, and where its builds are kept: out of the way of every tool that reads the source tree.
// Knows what lies in a tree; makes nothing.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hash } from '../model/hash.ts';
import { leadsOut } from '../model/leadsout.ts';
import { readRegular } from './plainfile.ts';

/** A store in the tree. */
const STORE_FOLDER = '.loglin';
/** What a project wants of loglin: it stands at the project's root. */
const CONFIG_FILE = '.loglin.json';

/** A folder's project: what names and paths are relative to, and where builds are kept. */
export interface Place {
  readonly root: string;
  readonly store: string;
  /** The store is this project's alone. */
  readonly projectStore?: true;
  /** The project's git directory, a worktree's or submodule's own. */
  readonly git?: string;
  /** A store that would come first, and cannot be written. */
  readonly unwritable?: string;
}

/**
 * The project of a folder, and its store: an existing `.loglin/`, else `loglin/` in the git directory, else
 * `.loglin/` at the root, but where Debian's packaging stands there, which packs all of the tree, a folder in
 * the user's state. The first of these that has builds. Looking upward ends at the git root, below $HOME, at
 * another file system, and at folders of other users.
 * @param folder resolved. @param store keeps builds there instead.
 */
export function findPlace(folder: string, store?: string): Place {
  const found = new Search(folder);
  if (store !== undefined) return found.place(path.resolve(folder, store));
  const stores = found.stores();
  const writable = stores.filter(canWrite);
  const chosen = writable.find(hasBuilds) ?? stores.find(hasBuilds) ?? writable[0] ?? stores[0]!;
  return { ...found.place(chosen), projectStore: true };
}

/** As findPlace, for a build that is to be recorded: the first store that can be written. */
export function placeToRecord(folder: string, store?: string): Place {
  const found = new Search(folder);
  if (store !== undefined) return found.place(path.resolve(folder, store));
  const stores = found.stores();
  const chosen = stores.find(canWrite) ?? stores[0]!;
  const passedOver = chosen === stores[0] ? {} : { unwritable: stores[0]! };
  return { ...found.place(chosen), projectStore: true, ...passedOver };
}

/**
 * The project's configuration, which need not be there: at its root, or where it stood before, in the store.
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
    for (const at of upward(folder, this.#owners)) {
      const inProject = this.#gitRoot === undefined;
      const settings = path.join(at, CONFIG_FILE);
      if (inProject && existing === undefined && config === undefined && this.#isStore(at)) existing = at;
      if (inProject && fs.existsSync(settings)) config ??= at;
      if (workspace === undefined && isWorkspace(settings)) workspace = at;
      if (inProject && fs.existsSync(path.join(at, '.git'))) {
        this.#gitRoot = at;
        this.git = gitFolder(at, this.#owners);
      }
    }
    this.root = existing ?? workspace ?? config ?? this.#gitRoot ?? folder;
  }

  place(store: string): Place {
    return { root: this.root, store, ...(this.git === undefined ? {} : { git: this.git }) };
  }

  /** Where builds may be kept, the best place first; one at least. */
  stores(): string[] {
    const inTree = path.join(this.root, STORE_FOLDER);
    const inState = stateFolder(this.root);
    const inGit = this.#storeInGit();
    const packaged = this.git === undefined && isFolder(path.join(this.root, 'debian'));
    const exists = this.#isStore(this.root) && (!packaged || hasBuilds(inTree));
    const order = [exists ? inTree : undefined, inGit, ...(packaged ? [inState, inTree] : [inTree, inState])];
    return [...new Set(order.filter((store) => store !== undefined))];
  }

  #storeInGit(): string | undefined {
    if (this.git === undefined || this.#gitRoot === undefined) return undefined;
    const below = path.relative(this.#gitRoot, this.root);
    // A workspace of many repositories is none of theirs.
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
 * The users whose folders are taken for the project's: who builds, who called sudo, and whose the current
 * folder is.
 */
function owners(folder: string): Set<number> {
  const users = new Set([process.getuid?.() ?? 0, fs.statSync(folder).uid]);
  const { SUDO_UID: sudo } = process.env;
  if (process.getuid?.() === 0 && sudo !== undefined && /^\d+$/.test(sudo)) users.add(Number(sudo));
  return users;
}

const STICKY_FOR_ALL = 0o1002;

/** The folder and those above it, as far as they may be of its project. */
function* upward(folder: string, users: ReadonlySet<number>): Generator<string> {
  const home = realpath(process.env.HOME ?? os.homedir());
  const { dev, uid } = fs.statSync(folder);
  for (let at = folder; ;) {
    yield at;
    const above = path.dirname(at);
    if (above === at || at === home || above === home) return;
    const stat = fs.statSync(above, { throwIfNoEntry: false });
    // Of what is above another user's folder, only what is that user's: root's /home is nobody's project.
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
 * A work tree's git directory, as gitrepository-layout(5) has it; undefined where it is none, or of another
 * user.
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

/** What is longer was not written by hand, nor by git. */
const LONGEST = 1024 * 1024;

const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/.*|\/\*[^]*?\*\/|[{}[\]:,]|[^\s{}[\]:,"/]+/g;

/**
 * Does a configuration say `"workspace": true`? Its parser takes longer to load than all else here; whether
 * it is right, others say.
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
 * A folder for a project's builds in the user's state (XDG Base Directory Specification); undefined where
 * that has no place.
 */
function stateFolder(root: string): string | undefined {
  const { XDG_STATE_HOME: state = '', HOME: home = os.homedir() } = process.env;
  const base = path.isAbsolute(state) ? state : home === '' ? undefined : path.join(home, '.local/state');
  return base && path.join(base, 'loglin', nameOf(root));
}

/** No file system has room for more in a name. */
const LONGEST_NAME = 200;

/** A path as one name, as vim has it for its undo files: `%home%ann%project`. */
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

/** Can builds be kept there: in the folder, or in what will have to be made? */
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
