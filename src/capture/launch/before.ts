// Parses LOGLIN_WAS: the state of the process before sh and Node changed it, noted by state.c or
// launcher.sh:
//
//   1[sh]/<limit>/<open files>/<ignored>/<blocked>/<descriptors>/<environment>/.[/0]
//
// - sh: noted by launcher.sh, since the C launcher is missing or cannot run on this machine;
// - limit: the limit that is too small for Node, as `ulimit -v`, or empty;
// - open files: the soft limit, or empty if there is none;
// - ignored, blocked: masks of signals in hexadecimal digits, bit 0 for signal 1;
// - descriptors: the numbers of the open ones, from 3 on;
// - environment: entries in hexadecimal digits, each a sign, bytes and NUL. `-NAME` was not set;
//   `+NAME=value` was set, and has since been lost or changed;
// - `.`: the environment is complete;
// - `/0`: stdin was closed.
//
// Knows nothing of how the command is started.

import fs from 'node:fs';

/** A variable that has changed. */
export interface Changed {
  readonly name: string;
  /** `NAME=value` as it was, of any bytes; undefined if it was not set. */
  readonly entry: Buffer | undefined;
}

export interface Before {
  /** The note itself, for the launcher, which restores the state. */
  readonly noted: string | undefined;
  readonly openFiles: string | undefined;
  readonly ignored: readonly number[];
  readonly descriptors: readonly number[];
  /** The variables that have changed; empty if that is unknown. */
  readonly environment: readonly Changed[];
  readonly stdinClosed: boolean;
  /** The launcher cannot run on this machine. */
  readonly withoutLauncher: boolean;
}

/** There is no note: everything stays as Node has it. */
export const UNKNOWN: Before = {
  noted: undefined,
  openFiles: undefined,
  ignored: [],
  descriptors: [],
  environment: [],
  stdinClosed: false,
  withoutLauncher: false,
};

/** Reads LOGLIN_WAS, and removes it from this process' environment. */
export function before(): Before {
  const noted = process.env.LOGLIN_WAS;
  delete process.env.LOGLIN_WAS;
  return noted === undefined ? UNKNOWN : parseBefore(noted);
}

/** @returns UNKNOWN for a note that is not understood. */
export function parseBefore(noted: string): Before {
  const [version = '', , openFiles = '', ignored = '', , descriptors = '', entries = '', end, stdin] =
    noted.split('/');
  if (!/^1(sh)?$/.test(version) || !/^\d*$/.test(openFiles) || !/^[0-9a-f]{0,16}$/.test(ignored))
    return UNKNOWN;
  return {
    noted,
    openFiles: openFiles === '' ? 'unlimited' : openFiles,
    ignored: signals(ignored),
    descriptors: descriptors.split(' ').filter(Boolean).map(Number).filter(isOpen),
    environment: end === '.' && /^([0-9a-f]{2})*$/.test(entries) ? changes(Buffer.from(entries, 'hex')) : [],
    stdinClosed: end === '.' && stdin === '0',
    withoutLauncher: version === '1sh',
  };
}

function signals(mask: string): number[] {
  const bits = BigInt(`0x${mask === '' ? '0' : mask}`);
  const numbers: number[] = [];
  for (let signal = 1; signal < 32; signal++) if (bits & (1n << BigInt(signal - 1))) numbers.push(signal);
  return numbers;
}

function isOpen(fd: number): boolean {
  try {
    fs.fstatSync(fd);
    return fd > 2;
  } catch {
    return false;
  }
}

function changes(bytes: Buffer): Changed[] {
  return splitAtNul(bytes).map((part) => {
    const entry = part.subarray(1);
    const equals = entry.indexOf(0x3d);
    const name = entry.toString('latin1', 0, equals < 0 ? entry.length : equals);
    return { name, entry: part[0] === 0x2b ? entry : undefined };
  });
}

/** Splits bytes into parts that each end with NUL. */
export function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    let end = bytes.indexOf(0, at);
    if (end < 0) end = bytes.length;
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}
