// The private temp folder of a build: slots, control FIFO, spool files. On tmpfs where there is one with
// room. Its name ends with the build's nonce, and has no character that a shell, make or the dynamic loader
// could take for something else. The control FIFO tells whether its recorder lives: the kernel knows
// whether anybody reads it, whatever the namespace that asks.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { type ProcessMark, bootId, hasReader, liveness, thisProcess } from '../store/running.ts';
import { openSpooled, readSpooled, takeSpooled } from './spooled.ts';

const SAFE = /^\/[A-Za-z0-9_./-]{0,180}$/;
const NAME = /^loglin-[0-9a-f]{16}$/;
/** Room for slots and spooled records: a folder that has less is taken only where there is no other. */
const ROOM_BYTES = 16 * 1024 * 1024;
const ROOM_FILES = 1024;
/** Of another PID namespace: one that is being made has no control FIFO yet, or nobody that reads it. */
const YOUNG_MS = 60_000;
/**
 * One of another boot may be of another machine, if the folder is shared: nobody here can know whether its
 * FIFO is read there.
 */
const FOREIGN_MS = 7 * 24 * 3600_000;

export class Workspace {
  readonly folder: string;
  readonly nonce = randomBytes(8).toString('hex');

  /**
   * Makes the folder, and the FIFOs in it.
   * @param slots the names of the first slots (slots.ts).
   * @throws Failure where that can be done nowhere.
   */
  constructor(slots: readonly string[]) {
    const bases = usableBases();
    if (bases.length === 0)
      throw new Failure('no temp folder to work in; set TMPDIR to one with a plain name');
    for (const base of bases) sweep(base);
    let trouble: unknown;
    for (const base of bases) {
      const folder = path.join(base, `loglin-${this.nonce}`);
      this.folder = folder;
      try {
        fs.mkdirSync(folder, { mode: 0o700 });
        fs.mkdirSync(path.join(folder, 's'), { mode: 0o700 });
        fs.writeFileSync(this.path('pid'), `${process.pid}\n${JSON.stringify(thisProcess())}\n`, {
          mode: 0o600,
        });
        this.makeFifos([this.path('ctl'), this.path('free'), ...slots.map((name) => this.slot(name))]);
        return;
      } catch (error) {
        trouble ??= error;
        this.remove();
      }
    }
    this.folder = '';
    throw isFailure(trouble) ? trouble : new Failure(`${bases[0] ?? ''}: ${reason(trouble)}`);
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  slot(name: string): string {
    return path.join(this.folder, 's', name);
  }

  /** Makes FIFOs, all in one process. @throws Failure where that does not work. */
  makeFifos(paths: readonly string[]): void {
    const result = spawnSync('mkfifo', ['-m', '600', '--', ...paths], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (result.status !== 0)
      throw new Failure(`mkfifo: ${result.error ? reason(result.error) : result.stderr.toString().trim()}`);
  }

  /** Opens a file that a job has put here for reading. @throws as openSpooled. */
  open(name: string): number {
    return openSpooled(this.folder, name);
  }

  /** Reads a file that a job has put here, and removes it; undefined where there is none that may be read. */
  take(name: string): Buffer | undefined {
    return takeSpooled(this.folder, name);
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The folders in which a workspace can be made, the best first. */
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
    // Some file systems count no files, and a tmpfs without a limit neither files nor blocks.
    return (blocks === 0 || bavail * bsize >= ROOM_BYTES) && (files === 0 || ffree >= ROOM_FILES);
  } catch {
    return true;
  }
}

/** Removes what recorders left behind that were killed. */
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
      // Being made, or being removed, by another loglin.
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

/** Whose a workspace is; undefined where it does not say so yet. */
function markOf(folder: string): ProcessMark | undefined {
  try {
    const [, json = ''] = readSpooled(folder, 'pid').toString().split('\n');
    const mark = JSON.parse(json) as ProcessMark;
    return Number.isSafeInteger(mark.pid) ? mark : undefined;
  } catch {
    return undefined;
  }
}
