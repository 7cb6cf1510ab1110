// The files of a project where no graph says what a build reads: those that git does not ignore; without git,
// all that are not hidden and no dependencies.

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const MOST_BYTES = 1024 * 1024 * 1024;

/** Folders that hold nothing that somebody edits. */
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', '__pycache__', 'target', 'venv']);

/**
 * @param among limits it to these paths.
 * @returns names relative to the root.
 */
export function sourceFiles(root: string, git: boolean, among: readonly string[] = []): string[] {
  if (git) {
    const listed = gitNames(root, ['--cached', '--others', '--exclude-standard'], among);
    if (listed) return listed;
  }
  return (among.length === 0 ? [''] : among).flatMap((name) => [...walk(root, name)]);
}

/**
 * The folders in which new files would count.
 * @param among limits it to these paths.
 * @returns names relative to the root, '' for the root itself.
 */
export function sourceFolders(root: string, git: boolean, among: readonly string[] = ['']): string[] {
  const found: string[] = [];
  for (
    let level = among.filter((name) => path.basename(name) !== '.git' && isFolder(path.join(root, name)));
    level.length > 0;
  ) {
    const passed = git ? ignoredByGit(root, level) : new Set(level.filter(isPassedOver));
    const kept = level.filter((name) => !passed.has(name));
    found.push(...kept);
    level = kept.flatMap((name) => foldersIn(root, name));
  }
  return found;
}

function foldersIn(root: string, name: string): string[] {
  const entries = entriesOf(path.join(root, name));
  // A repository within this one: git tells nothing of what is in it.
  if (name !== '' && entries.some((entry) => entry.name === '.git')) return [];
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== '.git');
  return folders.map((entry) => below(name, entry.name));
}

/** Without git, folders are left out that are hidden or hold nothing that somebody edits. */
function isPassedOver(name: string): boolean {
  const base = path.basename(name);
  return base.startsWith('.') || PASSED_OVER.has(base);
}

function ignoredByGit(root: string, names: readonly string[]): ReadonlySet<string> {
  const asked = names.filter((name) => name !== '');
  if (asked.length === 0) return new Set();
  const { stdout } = spawnSync('git', ['check-ignore', '-z', '--stdin'], {
    cwd: root,
    encoding: 'utf8',
    input: asked.join('\0'),
    maxBuffer: MOST_BYTES,
  });
  return new Set(stdout.split('\0'));
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    // It has gone since, or nobody may look into it.
    return [];
  }
}

const isFolder = (file: string): boolean =>
  fs.lstatSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

const below = (folder: string, base: string): string => (folder === '' ? base : `${folder}/${base}`);

/** Those of some files that git knows; all of them without git. */
export function trackedOf(root: string, git: boolean, names: readonly string[]): readonly string[] {
  if (!git || names.length === 0) return names;
  return gitNames(root, ['--cached'], names) ?? names;
}

function gitNames(root: string, options: readonly string[], among: readonly string[]): string[] | undefined {
  // More would not fit into an argument list.
  const paths = among.length > 1000 ? [] : among;
  try {
    const text = execFileSync('git', ['ls-files', '-z', ...options, '--', ...paths], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: MOST_BYTES,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const names = text.split('\0').filter((name) => name !== '');
    if (paths.length === among.length) return names;
    const wanted = new Set(among);
    return names.filter((name) => wanted.has(name));
  } catch {
    return undefined;
  }
}

function* walk(root: string, name: string): Generator<string> {
  if (isPassedOver(name)) return;
  const file = path.join(root, name);
  if (isFolder(file)) for (const entry of entriesOf(file)) yield* walk(root, below(name, entry.name));
  else if (fs.existsSync(file)) yield name;
}
