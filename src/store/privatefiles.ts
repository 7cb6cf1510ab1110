// Private files, and under sudo files of the user who called it.

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
 * Makes a folder (0700) and those above it that are missing. (`recursive` says ENOENT where the disk is
 * read-only.)
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
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    makeFolder(path.dirname(folder));
    makeFolder(folder);
    return;
  }
  if (sudo) fs.chownSync(folder, sudo.uid, sudo.gid);
}

/** What earlier versions wrote: git saw this file itself, and the tree was no longer clean. */
const OLD_GITIGNORE = '*\n!.gitignore\n!config.json\n';

/** Makes a store's folder, and has git ignore all of it. @throws where it is there, and is none. */
export function makeStore(store: string): void {
  makeFolder(store);
  checkFolder(buildsFolder(store));
  const file = path.join(store, '.gitignore');
  makeFile(file, '*\n');
  const stat = fs.lstatSync(file);
  if (stat.isFile() && stat.size === OLD_GITIGNORE.length && readPlain(file) === OLD_GITIGNORE)
    writePrivate(file, '*\n');
}

/** Makes a file (0600) unless there is one. */
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

/** Writes a file (0600) anew. @throws where that is not possible. */
export function writePrivate(file: string, text: string): void {
  const fd = openPrivate(file, 'w');
  try {
    writeAll(fd, Buffer.from(text));
  } finally {
    fs.closeSync(fd);
  }
}

/** Opens a file (0600) with these flags. @throws as openPlain. */
export function openPrivate(file: string, flags: OpenFlags): number {
  const fd = openPlain(file, flags);
  if (sudo) fs.fchownSync(fd, sudo.uid, sudo.gid);
  return fd;
}

/** Writes all of it; a regular file takes less only when the disk is full, and then the next try throws. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
}
