// An installed loglin, changed: a copy of what is published, for tests of what is missing or broken there.

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
 * @param change is given the package's folder.
 * @param name of a folder in which it stands.
 * @param where that one is.
 */
export function installed(
  change: (folder: string) => void = () => undefined,
  name = 'loglin',
  where = os.tmpdir(),
): Installed {
  const top = fs.mkdtempSync(path.join(where, 'loglin-installed.'));
  // As a package is: for all users.
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

/** A change: without the C launcher, as where there was no compiler. */
export function withoutLauncher(folder: string): void {
  const lib = path.join(folder, 'dist/lib');
  for (const name of fs.readdirSync(lib)) fs.rmSync(path.join(lib, name, 'loglin-launch'), { force: true });
}
