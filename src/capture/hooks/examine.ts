// Finds programs and their versions, for `loglin doctor`. Knows none of them.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** The file of a program that is on the PATH, or that npm has installed in this project. */
export function locate(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), 'node_modules/.bin'];
  return folders
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        fs.accessSync(file, fs.constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * The version of a program on the PATH, if its output matches the pattern. The program runs in /, because a
 * project can choose its cargo and yarn, and nothing of the project must run.
 */
export function version(program: string, pattern: RegExp, option = '--version'): string | undefined {
  const answer = spawnSync(program, [option], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
  });
  return answer.error ? undefined : pattern.exec(answer.stdout)?.[1];
}
