// A command that was started: by Node, or by the attendant.

import type { ChildProcess } from 'node:child_process';
import os from 'node:os';
import type { Status } from '../../model/events.ts';

export interface Started {
  /** Has it ended? */
  readonly isOver: boolean;
  /** How it ended; rejected if it could not be started. */
  readonly ended: Promise<Status>;
  kill(signal: NodeJS.Signals): void;
}

/** A command that Node has started. */
export function startedByNode(child: ChildProcess): Started {
  const ended = new Promise<Status>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(signal ? { signal: os.constants.signals[signal] } : { exit: code ?? 1 });
    });
  });
  return {
    get isOver() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
  };
}
