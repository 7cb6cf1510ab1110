// What stdout and stderr are, and what the environment says of colour and characters. The only place that asks.

import fs from 'node:fs';
import { Failure } from '../model/failure.ts';
import type { Style } from '../view/renderers.ts';

/** @param when `--color`'s word; undefined where it was not given. */
export function styleOf(when: string | boolean | undefined, ascii: boolean, terminal: boolean): Style {
  const word = when === true ? 'always' : when === false ? 'never' : (when ?? 'auto');
  if (!['auto', 'always', 'never'].includes(word))
    throw new Failure(`--color=${word}: want auto, always or never`);
  const env = process.env;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const forbidden = (env.NO_COLOR ?? '') !== '' || env.FORCE_COLOR === '0' || env.TERM === 'dumb';
  const colour = word === 'always' || (word === 'auto' && (forced || (terminal && !forbidden)));
  const never = word === 'never' || (word === 'auto' && forbidden && !forced);
  return { colour, never, ascii: ascii || !isUtf8() };
}

/** No locale at all counts as UTF-8. */
function isUtf8(): boolean {
  const { LC_ALL: all, LC_CTYPE: type, LANG: lang } = process.env;
  const locale = [all, type, lang].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/**
 * Is this descriptor a terminal? process.stdout knows too, but making it takes Node longer than all of `show`; and so does loading
 * node:tty, which what is no character device, or /dev/null, does not need.
 */
export async function isTerminal(fd: number): Promise<boolean> {
  try {
    if (!isDevice(fd)) return false;
  } catch {
    return false;
  }
  return (await import('node:tty')).isatty(fd);
}

/** Other than /dev/null. @throws where it is closed. */
function isDevice(fd: number): boolean {
  const stat = fs.fstatSync(fd);
  return stat.isCharacterDevice() && stat.rdev !== fs.statSync('/dev/null').rdev;
}

/** How wide the terminal is that stdout is. */
export function columns(): number {
  return process.stdout.columns || 80;
}

/** How many lines the terminal has that stdout is. */
export function rows(): number {
  return process.stdout.rows || 24;
}

/** Can the cursor be moved on the terminal, if there is one? Not on one that says it is dumb, as the one of Emacs' compile. */
export function canMoveCursor(): boolean {
  return !['', 'dumb', 'unknown'].includes(process.env.TERM ?? '');
}

/** Variables that CI systems set, besides CI itself. */
const CI_VARIABLES = ['TF_BUILD', 'TEAMCITY_VERSION', 'JENKINS_URL', 'BUILDKITE', 'GITHUB_ACTIONS'];

/** Does this run in CI, where a terminal, if there is one, goes into a stored log? */
export function isCi(env: NodeJS.ProcessEnv = process.env): boolean {
  const { CI: ci = '' } = env;
  return !['', '0', 'false'].includes(ci) || CI_VARIABLES.some((name) => (env[name] ?? '') !== '');
}

/** For the browser. @throws Failure unless stdin and stdout are a terminal that can show it. */
export async function checkTerminal(): Promise<void> {
  if (!(await isTerminal(0)) || !(await isTerminal(1)))
    throw new Failure('tui: stdin and stdout must be a terminal; for logs without one: loglin show');
  if (!canMoveCursor())
    throw new Failure(
      `tui: TERM=${process.env.TERM ?? ''}: such a terminal cannot show it; for logs: loglin show`,
    );
}

/**
 * Closes what was a terminal that has gone, before the process ends: Node, which sets the modes of terminals back then, aborts where that
 * fails.
 */
export async function forsakeTerminals(): Promise<void> {
  for (const fd of [0, 1, 2]) {
    try {
      const gone = isDevice(fd) && !(await isTerminal(fd));
      if (gone) fs.closeSync(fd);
    } catch {
      // It is closed.
    }
  }
}
