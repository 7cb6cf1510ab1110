// What stdout and stderr are, and what the environment says about colour and characters. The only place that
// looks.

import fs from 'node:fs';
import { Failure } from '../model/failure.ts';
import type { Style } from '../render/renderers.ts';

/** @param when the value of `--color`; undefined if it was not given. */
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

/** Without any locale, UTF-8 is assumed. */
function isUtf8(): boolean {
  const { LC_ALL: all, LC_CTYPE: type, LANG: lang } = process.env;
  const locale = [all, type, lang].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/**
 * Whether this descriptor is a terminal. Creating process.stdout to ask it would take longer than all of
 * `show`. So would loading node:tty, which is not needed for anything but a character device, or for
 * /dev/null.
 */
export async function isTerminal(fd: number): Promise<boolean> {
  try {
    if (!isDevice(fd)) return false;
  } catch {
    return false;
  }
  return (await import('node:tty')).isatty(fd);
}

/** Whether it is a character device other than /dev/null. @throws if it is closed. */
function isDevice(fd: number): boolean {
  const stat = fs.fstatSync(fd);
  return stat.isCharacterDevice() && stat.rdev !== fs.statSync('/dev/null').rdev;
}

/** Whether another program reads what is written to this descriptor. */
export function isPipe(fd: number): boolean {
  try {
    const stat = fs.fstatSync(fd);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

/** The width of the terminal on stdout. */
export function columns(): number {
  return process.stdout.columns || 80;
}

/** The height of the terminal on stdout, in lines. */
export function rows(): number {
  return process.stdout.rows || 24;
}

/**
 * Whether the cursor can be moved on the terminal, if there is one: not on a dumb one, as in Emacs' compile
 * mode.
 */
export function canMoveCursor(): boolean {
  return !['', 'dumb', 'unknown'].includes(process.env.TERM ?? '');
}

/** Variables that CI systems set, besides CI itself. */
const CI_VARIABLES = ['TF_BUILD', 'TEAMCITY_VERSION', 'JENKINS_URL', 'BUILDKITE', 'GITHUB_ACTIONS'];

/** Whether this runs in CI, where a terminal, if there is one, ends in a stored log. */
export function isCi(env: NodeJS.ProcessEnv = process.env): boolean {
  const { CI: ci = '' } = env;
  return !['', '0', 'false'].includes(ci) || CI_VARIABLES.some((name) => (env[name] ?? '') !== '');
}

/** @throws Failure unless stdin and stdout are a terminal that can show the browser. */
export async function checkTerminal(): Promise<void> {
  if (!(await isTerminal(0)) || !(await isTerminal(1)))
    throw new Failure('tui: stdin and stdout must be a terminal; for logs without one: loglin show');
  if (!canMoveCursor())
    throw new Failure(
      `tui: TERM=${process.env.TERM ?? ''}: such a terminal cannot show it; for logs: loglin show`,
    );
}

/**
 * At the end, leaves the modes of the terminal as they are. Node would set those that it found at its start,
 * in the background too: a build that ends behind a shell's prompt or an editor, in the same terminal, would
 * take their modes away, and a command that was to change the modes would have changed nothing. Where the
 * terminal is gone, Node would abort. It skips descriptors that are closed. After an error that nobody
 * expected it may do as it does, since the browser may have had the terminal.
 */
export function leaveTerminal(): void {
  let crashed = false;
  process.on('uncaughtExceptionMonitor', () => {
    crashed = true;
  });
  process.on('exit', () => {
    if (crashed) return;
    for (const fd of [0, 1, 2]) {
      try {
        if (isDevice(fd)) fs.closeSync(fd);
      } catch {
        // It is closed already.
      }
    }
  });
}
