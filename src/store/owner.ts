// Private files, and under sudo files of the user who called it.

import fs from 'node:fs';

const sudo =
  process.getuid?.() === 0 && process.env.SUDO_UID !== undefined
    ? {
        uid: Number(process.env.SUDO_UID),
        gid: Number(process.env.SUDO_GID ?? process.env.SUDO_UID),
      }
    : undefined;

/** Makes a folder (0700) and those above it that are missing. */
export function makeFolder(folder: string): void {
  const first = fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (sudo && first !== undefined)
    for (let at = folder; at.length >= first.length; at = at.slice(0, at.lastIndexOf('/')))
      fs.chownSync(at, sudo.uid, sudo.gid);
}

/** Opens a file (0600) with these flags. */
export function openPrivate(file: string, flags: string): number {
  const fd = fs.openSync(file, flags, 0o600);
  if (sudo) fs.fchownSync(fd, sudo.uid, sudo.gid);
  return fd;
}

/** Writes all of it; a regular file takes less only when the disk is full, and then the next try throws. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
}
