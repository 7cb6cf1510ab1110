// Creates private files. Under sudo, they belong to the user who called it.

import fs from 'node:fs';
import path from 'node:path';
import { buildsFolder } from './layout.ts';
import { type OpenFlags, checkFolder, openPlain, readPlain } from './plainfile.ts';

const sudo =
  process.getuid?.() === 0 && process.env.SUDO_UID !== undefined
    ? {
        uid: Number(process.env.SUDO_UID),
        gid: Number(process.env.SUDO_GID ?? process.env.SUDO_UID),
      }
    : undefined;

/**
 * Creates a folder (0700) and its missing ancestors. (`recursive` reports ENOENT on a read-only disk.)
 * @throws as mkdir does.
 */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      if (fs.statSync(folder).isDirectory()) return;
      throw Object.assign(new Error(`${folder} is not a directory`), { code: 'ENOTDIR' });
    }
    const parent = path.dirname(folder);
    // Where nothing can be created, as in /proc, mkdir says ENOENT although the parent exists.
    if (code !== 'ENOENT' || parent === folder || fs.existsSync(parent)) throw error;
    makeFolder(parent);
    makeFolder(folder);
    return;
  }
  if (sudo) fs.chownSync(folder, sudo.uid, sudo.gid);
}

/** The text that earlier versions wrote. git saw that file itself, so the tree was no longer clean. */
const OLD_GITIGNORE = '*\n!.gitignore\n!config.json\n';

/**
 * Creates a store's folder and makes git ignore all of it.
 * @throws if something other than a folder exists there.
 */
export function makeStore(store: string): void {
  makeFolder(store);
  checkFolder(buildsFolder(store));
  const file = path.join(store, '.gitignore');
  makeFile(file, '*\n');
  const stat = fs.lstatSync(file);
  if (stat.isFile() && stat.size === OLD_GITIGNORE.length && readPlain(file) === OLD_GITIGNORE)
    writePrivate(file, '*\n');
}

/** Creates a file (0600) unless it exists. */
function makeFile(file: string, text: string): void {
  let fd: number;
  try {
    fd = openPrivate(file, 'ax');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  writeAll(fd, Buffer.from(text));
  fs.closeSync(fd);
}

/**
 * Replaces the contents of a file (0600).
 * @throws if that is not possible.
 */
export function writePrivate(file: string, text: string): void {
  const fd = openPrivate(file, 'w');
  try {
    writeAll(fd, Buffer.from(text));
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Opens a file (0600) with these flags.
 * @throws like openPlain.
 */
export function openPrivate(file: string, flags: OpenFlags): number {
  const fd = openPlain(file, flags);
  if (sudo) fs.fchownSync(fd, sudo.uid, sudo.gid);
  return fd;
}

/**
 * Writes all bytes. A regular file takes fewer only if the disk is full, and the next attempt then throws.
 */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
}
