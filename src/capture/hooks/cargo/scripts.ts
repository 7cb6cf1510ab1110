// Reads what a build script printed when it ran. cargo keeps it in files beside its OUT_DIR, and does not
// show it. Knows cargo's file names.

import fs from 'node:fs';
import path from 'node:path';
import { readRegular } from '../../../store/plainfile.ts';

/** Instructions for cargo, not for people: `cargo:rustc-link-lib=z`. */
const DIRECTIVE = /^cargo::?[A-Za-z][\w-]*=/;
const RERUN = /^cargo::?rerun-if-env-changed=RUSTC_WRAPPER\s*$/m;
/** The clocks of files and of processes differ by up to this. */
const SLACK_MS = 20;

export interface ScriptRun {
  /** cargo's name of it, `base-156303b5ec919683`. */
  readonly target: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly ended: number;
  readonly text: Buffer;
  /** It runs again whenever RUSTC_WRAPPER changes. */
  readonly rerunsForUs: boolean;
}

/** @returns undefined if it has not run since then. */
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
    // Other versions of cargo keep it elsewhere.
    return undefined;
  }
}

function whole(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
