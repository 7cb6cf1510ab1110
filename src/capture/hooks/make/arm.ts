// Readies a build's workspace for GNU make: the makefile that every make reads first, and the library that it loads.

import fs from 'node:fs';
import type { Workspace } from '../../workspace.ts';

/** The capture library of this machine, or why there is none. */
export function findLibrary(): { file: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: `no capture library for ${process.platform}` };
  const arch = process.arch;
  const file = new URL(`./lib/linux-${arch}/libloglin.so`, import.meta.url).pathname;
  if (fs.existsSync(decodeURIComponent(file))) return { file: decodeURIComponent(file) };
  return {
    missing: `no capture library for linux-${arch}; install a C compiler and run npm run build in loglin's folder`,
  };
}

/** A file of dist/hooks. */
function hookFile(name: string): string {
  return decodeURIComponent(new URL(`./hooks/${name}`, import.meta.url).pathname);
}

/**
 * Puts in place what the hooks need.
 * @returns the variables that arm them.
 */
export function armMake(workspace: Workspace, library: string): Record<string, string> {
  const self = workspace.path('loglin.mk');
  const text = fs.readFileSync(hookFile('make/loglin.mk'), 'utf8').replaceAll('@SELF@', self);
  fs.writeFileSync(self, text, { mode: 0o600 });
  // A link with a plain name: the loader splits LD_PRELOAD at blanks and colons.
  fs.symlinkSync(library, workspace.path('lib.so'));
  const users = process.env.LD_PRELOAD;
  return { LD_PRELOAD: users ? `${workspace.path('lib.so')}:${users}` : workspace.path('lib.so') };
}

/** Puts the shim of nested loglins in place. */
export function armNested(workspace: Workspace): void {
  fs.symlinkSync(hookFile('nested/shim.sh'), workspace.path('shim.sh'));
}
