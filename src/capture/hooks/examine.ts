// What `loglin doctor` finds out about programs. Knows none of them.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** The file of a program that is on the PATH, or among what npm has installed here. */
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
 * The version of a program on the PATH, if it says one that looks like this. Asked at the root: in a project,
 * what cargo and yarn are is the project's to say, and nothing of it is to run.
 */
export function version(program: string, pattern: RegExp): string | undefined {
  const answer = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    cwd: '/',
  });
  return answer.error ? undefined : pattern.exec(answer.stdout)?.[1];
}
