// The private temp folder of a build, with its slots, control FIFO and spool files. It is on tmpfs if there
// is one with room. Its name ends with the build's nonce, and has no character that is special to a shell,
// make or the dynamic loader. The control FIFO shows whether the recorder is alive: in any namespace, the
// kernel knows whether somebody reads it.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { type ProcessMark, bootId, hasReader, liveness, thisProcess } from '../store/running.ts';
import type { Attendant } from './launch/attendant.ts';
import { openSpooled, readSpooled, takeSpooled } from './spooled.ts';

const SAFE = /^\/[A-Za-z0-9_./-]{0,180}$/;
/** What the recorder reads records from, what launchers take free slots from, and what wakes the recorder. */
const FIFOS = ['ctl', 'free', 'bell'];
const NAME = /^loglin-[0-9a-f]{16}$/;
/** The most bytes that Linux lets a user's FIFO hold (pipe-max-size); the default is 64 KiB. */
const WIDE = 1024 * 1024;
/** The room that slots and spooled records need. A folder with less is the last choice. */
const ROOM_BYTES = 16 * 1024 * 1024;
const ROOM_FILES = 1024;
/** A workspace of another PID namespace is left alone this long: it may be new, and its FIFO not read yet. */
const YOUNG_MS = 60_000;
/**
 * A workspace of another boot is left alone this long. If the temp folder is shared, it may belong to another
 * machine, and only that machine knows whether its FIFO is read.
 */
const FOREIGN_MS = 7 * 24 * 3600_000;

export class Workspace {
  readonly folder: string;
  readonly nonce = randomHex();
  readonly #attendant: Attendant | undefined;

  /**
   * Makes the folder, and the FIFOs in it.
   * @param slots the names of the first slots (slots.ts).
   * @param attendant makes the FIFOs; without it, a process does.
   * @throws Failure if no temp folder can be used.
   */
  constructor(slots: readonly string[], attendant?: Attendant) {
    this.#attendant = attendant;
    const bases = usableBases();
    if (bases.length === 0)
      throw new Failure('no temp folder to work in; set TMPDIR to one with a plain name');
    let firstError: unknown;
    for (const base of bases) {
      const folder = path.join(base, `loglin-${this.nonce}`);
      this.folder = folder;
      try {
        fs.mkdirSync(folder, { mode: 0o700 });
        fs.mkdirSync(path.join(folder, 's'), { mode: 0o700 });
        fs.writeFileSync(this.path('pid'), `${process.pid}\n${JSON.stringify(thisProcess())}\n`, {
          mode: 0o600,
        });
        this.makeFifos([...FIFOS.map((name) => this.path(name)), ...slots.map((name) => this.slot(name))]);
        return;
      } catch (error) {
        firstError ??= error;
        this.remove();
      }
    }
    this.folder = '';
    throw isFailure(firstError) ? firstError : new Failure(`${bases[0] ?? ''}: ${reason(firstError)}`);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  slot(name: string): string {
    return path.join(this.folder, 's', name);
  }

  /** Removes the workspaces of recorders that were killed. */
  static removeAbandoned(): void {
    for (const base of usableBases()) sweep(base);
  }

  /** Makes FIFOs. @throws Failure if one cannot be made. */
  makeFifos(paths: readonly string[]): void {
    if (this.#attendant) {
      this.#attendant.makeFifos(paths);
      return;
    }
    const result = spawnSync('mkfifo', ['-m', '600', '--', ...paths], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (result.status !== 0)
      throw new Failure(`mkfifo: ${result.error ? reason(result.error) : result.stderr.toString().trim()}`);
  }

  /**
   * Lets a FIFO that is open hold more, if there is an attendant.
   * @returns whether that was possible.
   */
  widen(fifo: string): boolean {
    return this.#attendant?.widen(fifo, WIDE) === '';
  }

  /** Opens a file for reading that a job has put here. @throws as openSpooled. */
  open(name: string): number {
    return openSpooled(this.folder, name);
  }

  /** Reads and removes a file that a job has put here; undefined if there is none that may be read. */
  take(name: string): Buffer | undefined {
    return takeSpooled(this.folder, name);
  }

  remove(): void {
    for (let tries = 5; ; tries--)
      try {
        removeTree(this.folder);
        return;
      } catch (error) {
        // The build's relay has just put its socket there.
        if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === 0) throw error;
      }
  }
}

/** The folders in which a workspace can be made, best first. */
function usableBases(): string[] {
  const bases = [...new Set(['/dev/shm', os.tmpdir(), '/tmp', '/var/tmp'])].filter(
    (base) => SAFE.test(base) && isWritable(base),
  );
  return [...new Set([...bases.filter(hasRoom), ...bases])];
}

function isWritable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    return fs.statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

function hasRoom(folder: string): boolean {
  try {
    const { blocks, bavail, bsize, files, ffree } = fs.statfsSync(folder);
    // Some file systems count no files. A tmpfs without a limit counts neither files nor blocks.
    return (blocks === 0 || bavail * bsize >= ROOM_BYTES) && (files === 0 || ffree >= ROOM_FILES);
  } catch {
    return true;
  }
}

/** Eight bytes that nobody can guess. Node's module for that takes a tenth of its start to load. */
function randomHex(): string {
  const fd = fs.openSync('/dev/urandom', 'r');
  try {
    const bytes = Buffer.alloc(8);
    if (fs.readSync(fd, bytes) !== bytes.length) throw new Failure('/dev/urandom: is too short');
    return bytes.toString('hex');
  } finally {
    fs.closeSync(fd);
  }
}

/** Removes a folder of ours, if it is there; Node's rmSync takes three times as long. */
function removeTree(folder: string): void {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const entry of entries) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) removeTree(name);
    else unlinkIfThere(name);
  }
  fs.rmdirSync(folder);
}

function unlinkIfThere(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Removes the workspaces of recorders that were killed. */
function sweep(base: string): void {
  let names: string[];
  try {
    names = fs.readdirSync(base);
  } catch {
    return;
  }
  for (const name of names) {
    if (!NAME.test(name)) continue;
    const folder = path.join(base, name);
    try {
      if (isAbandoned(folder)) fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another loglin is making or removing it.
    }
  }
}

function isAbandoned(folder: string): boolean {
  const stat = fs.lstatSync(folder);
  if (stat.uid !== process.getuid?.() || !stat.isDirectory()) return false;
  const age = Date.now() - stat.mtimeMs;
  const mark = markOf(folder);
  if (mark?.boot !== undefined && mark.boot !== bootId()) return age > FOREIGN_MS;
  const state = mark ? liveness(mark) : 'unknown';
  if (state === 'running' || hasReader(path.join(folder, 'ctl')) === true) return false;
  return state === 'gone' || age > YOUNG_MS;
}

/** The process that made a workspace; undefined if that is not written yet. */
function markOf(folder: string): ProcessMark | undefined {
  try {
    const [, json = ''] = readSpooled(folder, 'pid').toString().split('\n');
    const mark = JSON.parse(json) as ProcessMark;
    return Number.isSafeInteger(mark.pid) ? mark : undefined;
  } catch {
    return undefined;
  }
}
