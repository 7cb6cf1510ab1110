// The private temp folder of a build: slots, control FIFO, spool files. On tmpfs where there is one. Its name ends with the build's
// nonce, and has no character that a shell, make or the dynamic loader could take for something else.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, reason } from '../model/failure.ts';

const SAFE = /^\/[A-Za-z0-9_./-]{0,180}$/;
/** The folder in which bin/loglin notes the environment, for the moment until Node reads it. */
const ENVIRONMENT = /^loglin\.(\d+)\.env$/;
const NAME = /^loglin-[0-9a-f]{16}$/;
/** What a temp folder should have left for a build: the FIFOs, and what is spooled and read at once. */
const ROOM_BYTES = 1 << 20;
const ROOM_FILES = 500;

export class Workspace {
  readonly folder: string;
  readonly nonce = randomBytes(8).toString('hex');

  /** @throws Failure where no temp folder can be made. */
  constructor() {
    const bases = ['/dev/shm', os.tmpdir(), '/tmp'].filter((base) => SAFE.test(base) && isWritable(base));
    for (const base of bases) sweep(base);
    const base = bases.find(hasRoom) ?? bases[0];
    if (base === undefined)
      throw new Failure(`no temp folder to work in; set TMPDIR to one with a plain name`);
    this.folder = path.join(base, `loglin-${this.nonce}`);
    try {
      fs.mkdirSync(this.folder, { mode: 0o700 });
      fs.mkdirSync(path.join(this.folder, 's'), { mode: 0o700 });
      fs.writeFileSync(this.path('pid'), `${process.pid}\n`, { mode: 0o600 });
    } catch (error) {
      this.remove();
      throw new Failure(`${this.folder}: ${reason(error)}`);
    }
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
    if (result.status === 0) return;
    // It says it of each.
    const [said = ''] = result.error ? [reason(result.error)] : result.stderr.toString().split('\n');
    throw new Failure(`mkfifo: ${said.replace(/^mkfifo: /, '')}`);
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
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
    // 0 of all: without a limit.
    return (blocks === 0 || bavail * bsize >= ROOM_BYTES) && (files === 0 || ffree >= ROOM_FILES);
  } catch {
    return true;
  }
}

/** Removes what recorders left behind that were killed. */
function sweep(base: string): void {
  for (const name of fs.readdirSync(base)) {
    const notes = ENVIRONMENT.exec(name);
    if (!notes && !NAME.test(name)) continue;
    const left = path.join(base, name);
    try {
      if (fs.statSync(left).uid !== process.getuid?.()) continue;
      const pid = Number(notes ? notes[1] : fs.readFileSync(path.join(left, 'pid'), 'utf8'));
      try {
        process.kill(pid, 0);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ESRCH')
          fs.rmSync(left, { recursive: true, force: true });
      }
    } catch {
      // Being made, or being removed, by another loglin.
    }
  }
}
