// How everything was before sh and Node changed it, as launch.c or launcher.sh have noted it in LOGLIN_WAS:
//
//   1[sh]/<limit>/<open files>/<ignored>/<blocked>/<descriptors>/<environment>/.[/0]
//
// - sh: noted by sh, since the launcher is missing or cannot be run here;
// - limit: one that is too small for Node, as `ulimit -v`, or nothing;
// - open files: the soft limit, nothing for none;
// - ignored, blocked: masks of signals in hexadecimal digits, bit 0 for signal 1;
// - descriptors: numbers from 3 on;
// - environment: entries in hexadecimal digits, each a sign, bytes and NUL: `-NAME` was not there,
//   `+NAME=value` was, and is not any more, or not as it was;
// - `.`: the environment is all there;
// - `/0`: stdin was closed.
//
// Knows nothing of how the command is started.

import fs from 'node:fs';

/** A variable that was other than it is now. */
export interface Changed {
  readonly name: string;
  /** `NAME=value`, of any bytes; undefined where it was not set. */
  readonly entry: Buffer | undefined;
}

export interface Before {
  /** As it was noted: for the launcher, which restores it. */
  readonly noted: string | undefined;
  readonly openFiles: string | undefined;
  readonly ignored: readonly number[];
  readonly descriptors: readonly number[];
  /** Empty where it is not known. */
  readonly environment: readonly Changed[];
  readonly stdinClosed: boolean;
  /** The launcher cannot be run here. */
  readonly withoutLauncher: boolean;
}

/** Nothing is known: all is left as Node has it. */
export const UNKNOWN: Before = {
  noted: undefined,
  openFiles: undefined,
  ignored: [],
  descriptors: [],
  environment: [],
  stdinClosed: false,
  withoutLauncher: false,
};

/** Reads LOGLIN_WAS, and takes it out of this process' environment. */
export function before(): Before {
  const noted = process.env.LOGLIN_WAS;
  delete process.env.LOGLIN_WAS;
  return noted === undefined ? UNKNOWN : parseBefore(noted);
}

/** What is not understood is left as Node has it. */
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

/** The parts of a text whose parts each end with NUL. */
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
