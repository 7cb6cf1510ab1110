// Private files, and under sudo files of the user who called it.

import fs from 'node:fs';
import path from 'node:path';
import { openPlain } from './files.ts';

const sudo =
  process.getuid?.() === 0 && process.env.SUDO_UID !== undefined
    ? {
        uid: Number(process.env.SUDO_UID),
        gid: Number(process.env.SUDO_GID ?? process.env.SUDO_UID),
      }
    : undefined;

/** Makes a folder (0700) and those above it that are missing. (`recursive` says ENOENT where the disk is read-only.) */
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

/** Makes a store's folder, and has git ignore all of it but the configuration. */
export function makeStore(store: string): void {
  makeFolder(store);
  makeFile(path.join(store, '.gitignore'), '*\n!.gitignore\n!config.json\n');
}

/** Makes a file (0600) unless there is one. */
export function makeFile(file: string, text: string): void {
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

const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;

/** As fs.open knows them. */
const FLAGS = {
  a: O_WRONLY | O_CREAT | O_APPEND,
  ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  'a+': O_RDWR | O_CREAT | O_APPEND,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_EXCL,
} as const;

/** Opens a file (0600) with these flags. @throws where that is not possible; where something else than a file is there, what that is. */
export function openPrivate(file: string, flags: keyof typeof FLAGS): number {
  const fd = openPlain(file, FLAGS[flags], 0o600);
  if (sudo) fs.fchownSync(fd, sudo.uid, sudo.gid);
  return fd;
}

/** Writes all of it; a regular file takes less only when the disk is full, and then the next try throws. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
}
