// Runs a command as it would run without loglin: it only asks for something, or cannot be recorded.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Attendant } from '../capture/launch/attendant.ts';
import type { Before } from '../capture/launch/before.ts';
import { launch } from '../capture/launch/launch.ts';
import { Signals } from '../capture/signals.ts';
import type { Status } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import { Stdout, asyncWriter } from '../play/stdout.ts';
import { warn } from './stderr.ts';

/** How loglin itself was started. */
export interface Launched {
  readonly before: Before;
  readonly attendant: Attendant | undefined;
}

/** @param copies get what it prints, if there are any; stdout and stderr are one then, as in a record. */
export async function runPlain(
  argv: readonly string[],
  cwd: string | undefined,
  { before, attendant }: Launched,
  copies: readonly Stdout[],
): Promise<Status> {
  const fifo = copies.length > 0 ? makeFifo() : undefined;
  const signals = new Signals(before.ignored, attendant);
  try {
    const copied = fifo === undefined ? undefined : copyOut(fifo, copies);
    const output = fifo === undefined ? {} : { output: fifo };
    const started = launch({ argv, cwd, environment: {}, before, attendant, ...output });
    signals.guard(started);
    const status = await started.ended;
    await copied;
    return status;
  } catch (error) {
    throw new Failure(`${argv[0] ?? ''}: ${reason(error)}`, 126);
  } finally {
    signals.stop();
    if (fifo !== undefined) fs.rmSync(path.dirname(fifo), { recursive: true, force: true });
  }
}

/** @returns a FIFO in a folder of its own; undefined if there cannot be one. */
function makeFifo(): string | undefined {
  try {
    const fifo = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'loglin.')), 'out');
    if (spawnSync('mkfifo', ['-m', '600', fifo]).status === 0) return fifo;
    fs.rmSync(path.dirname(fifo), { recursive: true });
  } catch {
    // It is said below.
  }
  warn(`${os.tmpdir()}: a FIFO cannot be made there; the log is in no file`);
  return undefined;
}

/** Writes what comes through a FIFO to stdout and the copies, until nobody has it open any more. */
async function copyOut(fifo: string, copies: readonly Stdout[]): Promise<void> {
  const stdout = new Stdout(asyncWriter(1), { copies });
  for await (const bytes of fs.createReadStream(fifo) as AsyncIterable<Buffer>) {
    stdout.write(bytes);
    stdout.flush();
    while (stdout.full) await stdout.drained();
  }
  await stdout.flushed();
}
