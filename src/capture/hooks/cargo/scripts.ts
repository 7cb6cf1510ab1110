// What a build script printed when it ran: cargo keeps it in files beside its OUT_DIR, and shows it to
// nobody. Knows cargo's file names.

import fs from 'node:fs';
import path from 'node:path';
import { readRegular } from '../../../store/plainfile.ts';

/** Words for cargo, not for people: `cargo:rustc-link-lib=z`. */
const DIRECTIVE = /^cargo::?[A-Za-z][\w-]*=/;
const RERUN = /^cargo::?rerun-if-env-changed=RUSTC_WRAPPER\s*$/m;
/** Clocks of files and of processes are not the same. */
const SLACK_MS = 20;

export interface ScriptRun {
  /** As cargo names it, `base-156303b5ec919683`. */
  readonly target: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly ended: number;
  readonly text: Buffer;
  /** It wants to run again whenever RUSTC_WRAPPER is another. */
  readonly rerunsForUs: boolean;
}

/** @returns undefined where it did not run since then. */
export function readScriptRun(folder: string, since: number): ScriptRun | undefined {
  try {
    const started = fs.statSync(path.join(folder, 'invoked.timestamp')).mtimeMs;
    if (started < since - SLACK_MS) return undefined;
    const output = path.join(folder, 'output');
    const printed = readRegular(output).toString('latin1');
    const lines = printed.split(/(?<=\n)/).filter((line) => !DIRECTIVE.test(line));
    const errors = readRegular(path.join(folder, 'stderr')).toString('latin1');
    const text = Buffer.from(whole(lines.join('')) + whole(errors), 'latin1');
    const ended = fs.statSync(output).mtimeMs;
    return { target: path.basename(folder), started, ended, text, rerunsForUs: RERUN.test(printed) };
  } catch {
    // Another cargo keeps it elsewhere.
    return undefined;
  }
}

function whole(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
