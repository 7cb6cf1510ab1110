// The files of this package that a build needs: the capture library, the launcher, the hooks' scripts. Does
// not know what is in them.

import fs from 'node:fs';
import path from 'node:path';

/** A file of dist/, by its path below it. */
export function packageFile(name: string): string {
  return path.join(import.meta.dirname, name);
}

/**
 * A file that is compiled for each architecture; undefined if this machine's is missing or cannot be run.
 */
export function compiledFile(name: string, mode = fs.constants.R_OK): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const file = packageFile(`lib/linux-${process.arch}/${name}`);
  try {
    fs.accessSync(file, mode);
    return file;
  } catch {
    return undefined;
  }
}

/** The C launcher for this machine (launch/launch.c), if there is one that can be run. */
export function launcherFile(): string | undefined {
  return compiledFile('loglin-launch', fs.constants.X_OK);
}
