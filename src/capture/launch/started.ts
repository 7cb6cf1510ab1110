// A command that was started: by Node, or by the attendant.

import type { ChildProcess } from 'node:child_process';
import os from 'node:os';
import type { Status } from '../../model/events.ts';
import { statFields } from '../../store/running.ts';

export interface Started {
  /** Has it ended? */
  readonly isOver: boolean;
  /** How it ended; rejected if it could not be started. */
  readonly ended: Promise<Status>;
  /** Sends a signal, if it runs and we may. */
  kill(signal: NodeJS.Signals): void;
  /**
   * Sends a signal that has come to our process group to the one that the command has made of itself, if it
   * has (timeout, tup). Had a shell started it, that would be the terminal's own group.
   */
  killGroup(signal: NodeJS.Signals): void;
}

/** Sends a signal to a process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended, or it is another user's (sudo).
  }
}

/** Sends a signal to the group that a process leads in our session, if it leads one. */
export function sendToGroup(pid: number, signal: NodeJS.Signals): void {
  const [, , group, session] = statFields(pid) ?? [];
  if (Number(group) === pid && session === statFields(process.pid)?.[3]) sendSignal(-pid, signal);
}

/** A command that Node has started. */
export function startedByNode(child: ChildProcess): Started {
  const ended = new Promise<Status>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(signal ? { signal: os.constants.signals[signal] } : { exit: code ?? 1 });
    });
  });
  const started: Started = {
    get isOver() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    ended,
    kill: (signal) => {
      if (!started.isOver && child.pid !== undefined) sendSignal(child.pid, signal);
    },
    killGroup: (signal) => {
      if (!started.isOver && child.pid !== undefined) sendToGroup(child.pid, signal);
    },
  };
  return started;
}
