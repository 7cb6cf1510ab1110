// A changed installation of loglin: a copy of the package, for tests of missing or broken parts.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LOGLIN_BIN } from './sandbox.ts';

export interface Installed {
  /** Its entry. */
  readonly loglin: string;
  readonly folder: string;
  remove(): void;
}

/**
 * @param change receives the package's folder.
 * @param name the name of the folder that holds the package.
 * @param where the parent of that folder.
 */
export function installed(
  change: (folder: string) => void = () => undefined,
  name = 'loglin',
  where = os.tmpdir(),
): Installed {
  const top = fs.mkdtempSync(path.join(where, 'loglin-installed.'));
  // Readable for all users, as a package is.
  fs.chmodSync(top, 0o755);
  const folder = path.join(top, name);
  const home = path.join(LOGLIN_BIN, '../..');
  for (const part of ['bin', 'dist', 'package.json'])
    fs.cpSync(path.join(home, part), path.join(folder, part), { recursive: true });
  change(folder);
  return {
    loglin: path.join(folder, 'bin/loglin'),
    folder,
    remove: () => {
      fs.rmSync(top, { recursive: true, force: true });
    },
  };
}

/** A change: removes the C launcher, as if there had been no compiler. */
export function withoutLauncher(folder: string): void {
  const lib = path.join(folder, 'dist/lib');
  for (const name of fs.readdirSync(lib)) fs.rmSync(path.join(lib, name, 'loglin-launch'), { force: true });
}
