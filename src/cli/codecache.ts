// Keeps what V8 has compiled of a command's bundle, so that the next run need not compile it: a third of a
// start. The functions that a run has used are written when it is over, to a folder that only the user can
// write to. V8 refuses what another version or other flags have made, and this file what belongs to another
// bundle or was damaged. A bundle that cannot be kept is compiled as ever.
//
// A file is V8's data, then a trailer: a sum, the run's milliseconds of processor time, the bundle's stamp.

import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

/** The length of the stamp, a hash of the bundle's text, at its end (.ci/build.mjs). */
const STAMP = 16;
const TRAILER = 8 + STAMP;
/** A word is summed in so many bytes: disks damage whole sectors, of which the smallest has four of these. */
const STRIDE = 128;
/** A run this many times as long as that which has written the file has used functions that are not in it. */
const LONGER = 4;
/** Of the files of other bundles, and of other versions of Node, the newest are kept. */
const MOST_FILES = 40;
const START = '(function(exports,require,module,__filename,__dirname){';

interface Kept {
  readonly data: Buffer;
  /** Milliseconds of processor time of the run that has written it. */
  readonly time: number;
}

interface Loaded {
  readonly script: vm.Script;
  readonly file: string;
  readonly stamp: string;
  readonly kept: Kept | undefined;
}

/** What was loaded: global to the process, since each bundle has its own copy of this module. */
const LOADED = Symbol.for('loglin.loaded');
const shared = globalThis as { [LOADED]?: Loaded[] };

/**
 * Loads a bundle that lies beside this one. The build puts this in place of an import().
 * @param name without the extension.
 * @param require loads it without the cache, and what it requires itself.
 * @returns what it exports.
 */
export function loadBundle(name: string, require: (id: string) => unknown): unknown {
  const folder = cacheFolder(process.env);
  // What is counted for coverage is counted less exactly in code from a cache (v8.takeCoverage()).
  if (folder === undefined || process.env.NODE_V8_COVERAGE !== undefined) return require(`./${name}.cjs`);
  const dirname = import.meta.dirname;
  const filename = path.join(dirname, `${name}.cjs`);
  const bundle = load(folder, name, filename);
  shared[LOADED] = [...(shared[LOADED] ?? []), bundle];
  const module = { exports: {} };
  (bundle.script.runInThisContext() as Wrapper)(module.exports, require, module, filename, dirname);
  return module.exports;
}

type Wrapper = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/** Keeps what was compiled; to be called when the run is over. */
export function keepCode(): void {
  const folder = cacheFolder(process.env);
  if (folder === undefined) return;
  for (const bundle of shared[LOADED] ?? []) if (isWorthKeeping(bundle)) keep(folder, bundle);
}

/** The user's folder for caches; undefined if there is none, or if it was switched off as Node's own is. */
function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env.NODE_DISABLE_COMPILE_CACHE !== undefined) return undefined;
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = env;
  if (path.isAbsolute(cache)) return path.join(cache, 'loglin');
  return path.isAbsolute(home) ? path.join(home, '.cache/loglin') : undefined;
}

function load(folder: string, name: string, filename: string): Loaded {
  // A bundle is ASCII.
  const source = fs.readFileSync(filename, 'latin1');
  const stamp = source.slice(-STAMP - 1, -1);
  const file = path.join(folder, `${name}-${stamp}-${process.versions.v8}-${process.arch}`);
  const kept = readKept(folder, file, stamp);
  const script = new vm.Script(`${START}${source}\n})`, {
    filename,
    columnOffset: -START.length,
    ...(kept ? { cachedData: kept.data } : {}),
  });
  return { script, file, stamp, kept: script.cachedDataRejected === false ? kept : undefined };
}

/** Reads a file of the cache; undefined for one that is missing, damaged, or might be somebody else's. */
function readKept(folder: string, file: string, stamp: string): Kept | undefined {
  let fd: number | undefined;
  try {
    if (!isOurs(fs.lstatSync(folder))) return undefined;
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    if (!stat.isFile() || !isOurs(stat) || stat.size <= TRAILER) return undefined;
    const bytes = fs.readFileSync(fd);
    const data = bytes.subarray(0, -TRAILER);
    const trailer = bytes.subarray(-TRAILER);
    const isWhole = trailer.toString('latin1', 8) === stamp && trailer.readUInt32LE(0) === sum(data);
    return isWhole ? { data, time: trailer.readUInt32LE(4) } : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Can only we have written it? */
function isOurs({ uid, mode }: fs.Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}

function sum(data: Buffer): number {
  // A view of words, since a method of Buffer for each of them takes a millisecond.
  const bytes = data.byteOffset % 4 === 0 ? data : new Uint8Array(data);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let state = data.length | 0;
  for (let at = 0; at < words.length; at += STRIDE / 4) state = Math.imul(state ^ words[at]!, 0x01000193);
  return state >>> 0;
}

function processorTime(): number {
  return Math.min(Math.ceil(process.cpuUsage().user / 1000), 0xffffffff);
}

function isWorthKeeping({ kept }: Loaded): boolean {
  if (kept === undefined) return true;
  // The time of day is asked first: to ask for the processor's takes a third of a millisecond.
  return process.uptime() * 1000 > LONGER * kept.time && processorTime() > LONGER * kept.time;
}

function keep(folder: string, { script, file, stamp }: Loaded): void {
  const fresh = `${file}.${process.pid}`;
  try {
    makeOurs(folder);
    // The file first: where there can be none, to make the data would be in vain in each run.
    const fd = fs.openSync(fresh, 'wx', 0o600);
    try {
      const data = script.createCachedData();
      const trailer = Buffer.alloc(TRAILER);
      trailer.writeUInt32LE(sum(data), 0);
      trailer.writeUInt32LE(processorTime(), 4);
      trailer.write(stamp, 8, 'latin1');
      fs.writeFileSync(fd, Buffer.concat([data, trailer]));
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(fresh, file);
    removeOld(folder);
  } catch {
    // No room, no home, or somebody else's: the next run compiles again.
    removeQuietly(fresh);
  }
}

function removeQuietly(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // It was never made.
  }
}

/** Makes the folder, in one that is ours: under sudo, HOME may be another user's. @throws if that fails. */
function makeOurs(folder: string): void {
  const parent = path.dirname(folder);
  for (const each of [parent, folder]) {
    if (fs.existsSync(each)) continue;
    if (fs.statSync(path.dirname(each)).uid !== process.geteuid?.()) throw new Error(`${each}: not ours`);
    fs.mkdirSync(each, { mode: 0o700 });
  }
  if (!isOurs(fs.lstatSync(folder))) throw new Error(`${folder}: not ours`);
}

function removeOld(folder: string): void {
  const files = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => path.join(folder, name));
  if (files.length <= MOST_FILES) return;
  const ages = files.map((file) => ({ file, at: fs.lstatSync(file).mtimeMs }));
  for (const { file } of ages.sort((a, b) => b.at - a.at).slice(MOST_FILES)) fs.rmSync(file, { force: true });
}
