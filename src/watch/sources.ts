// The files of a project where no graph says what a build reads: those that git does not ignore; without git,
// all that are not hidden and no dependencies.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const MOST_BYTES = 1024 * 1024 * 1024;

/** Folders that hold nothing that somebody edits. */
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', '__pycache__', 'target', 'venv']);

/**
 * @param below limits it to these paths.
 * @returns names relative to the root.
 */
export function sourceFiles(root: string, git: boolean, below: readonly string[] = []): string[] {
  if (git) {
    const listed = gitNames(root, ['--cached', '--others', '--exclude-standard'], below);
    if (listed) return listed;
  }
  return (below.length === 0 ? [''] : below).flatMap((name) => [...walk(root, name)]);
}

/** Those of some files that git knows; all of them without git. */
export function trackedOf(root: string, git: boolean, names: readonly string[]): readonly string[] {
  if (!git || names.length === 0) return names;
  return gitNames(root, ['--cached'], names) ?? names;
}

function gitNames(root: string, options: readonly string[], below: readonly string[]): string[] | undefined {
  // More would not fit into an argument list.
  const paths = below.length > 1000 ? [] : below;
  try {
    const text = execFileSync('git', ['ls-files', '-z', ...options, '--', ...paths], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: MOST_BYTES,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const names = text.split('\0').filter((name) => name !== '');
    if (paths.length === below.length) return names;
    const wanted = new Set(below);
    return names.filter((name) => wanted.has(name));
  } catch {
    return undefined;
  }
}

function* walk(root: string, name: string): Generator<string> {
  const base = path.basename(name);
  if (base.startsWith('.') || PASSED_OVER.has(base)) return;
  const file = path.join(root, name);
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) {
    if (stat) yield name;
    return;
  }
  for (const below of fs.readdirSync(file)) yield* walk(root, name === '' ? below : `${name}/${below}`);
}
