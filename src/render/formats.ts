// How values are formatted everywhere: durations, times, sizes, exit statuses, names, commands, shell
// words and colours. All formats are in this file, except for sizes as users type them (model/size.ts).

import type { Status } from '../model/events.ts';
import { escapeName } from '../model/printable.ts';

// -- colour -------------------------------------------------------------------------------------------------

/** Colours a text. @param code the parameters of its SGR sequence, `1;31`. */
export type Paint = (code: string, text: string) => string;

/** Returns a function that colours texts, or one that leaves them as they are. */
export function painter(colour: boolean): Paint {
  return (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
}

// -- time ---------------------------------------------------------------------------------------------------

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** `2m05s`, `1h02m`. @param seconds a whole number, at least 60. */
function minutesText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}m${twoDigits(seconds % 60)}s`
    : `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
}

/** `0.25s`, `2m05s`, `1h02m`: a duration that has ended. */
export function duration(ms: number): string {
  return ms < 59_995 ? `${(ms / 1000).toFixed(2)}s` : minutesText(Math.round(ms / 1000));
}

/** `12.4s`, `2m05s`, `1h02m`: a duration that changes under one's eyes, rounded down. */
export function tenths(ms: number): string {
  const whole = Math.max(0, ms) || 0;
  return whole < 60_000 ? `${(Math.floor(whole / 100) / 10).toFixed(1)}s` : wholeSeconds(whole);
}

/** `12s`, `2m05s`, `1h02m`: a duration that still changes, rounded down. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000)) || 0;
  return seconds < 60 ? `${seconds}s` : minutesText(seconds);
}

/** `42s`, `5m`, `3h`, `12d`: how long ago something was. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Local time, sortable: `2026-11-20 23:15`. */
export function localTime(date: Date): string {
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  return `${day} ${timeOfDay(date)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Local time, to be read: `21 Nov 08:31`. */
export function dayAndTime(date: Date): string {
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${timeOfDay(date)}`;
}

/** Local time: `08:31`. */
export function timeOfDay(date: Date): string {
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

const DAY_MS = 86_400_000;

/** `Today`, `Yesterday`, `21 Nov`, `21 Nov 2025`: the local day of a time, seen from another one. */
export function dayName(at: number, now: number): string {
  const day = new Date(at);
  const today = new Date(now);
  const noon = (date: Date): number =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime();
  const ago = Math.round((noon(today) - noon(day)) / DAY_MS);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  const year = day.getFullYear() === today.getFullYear() ? '' : ` ${day.getFullYear()}`;
  return `${day.getDate()} ${MONTHS[day.getMonth()]}${year}`;
}

// -- size ---------------------------------------------------------------------------------------------------

const UNITS: readonly (readonly [string, number])[] = [
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
];

/** Bytes in at most four characters: `987`, `1.2k`, `12k`, `3.4M`. */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return String(bytes);
  const [unit, size] = UNITS.find(([, one]) => bytes / one < 999.5) ?? UNITS.at(-1)!;
  const count = bytes / size;
  return `${count < 9.95 ? count.toFixed(1) : Math.round(count)}${unit}`;
}

/** `1 line (80 bytes)`, `120 lines (4.1k)`: what was left out of a text. */
export function textSize(lines: number, bytes: number): string {
  const size = bytes < 1000 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : byteCount(bytes);
  return `${lines} ${lines === 1 ? 'line' : 'lines'} (${size})`;
}

/** `1.2MB`, `120MB`: the memory that a process used. */
export function memorySize(kib: number): string {
  const megabytes = (kib * 1024) / 1e6;
  return megabytes < 10 ? `${megabytes.toFixed(1)}MB` : `${Math.round(megabytes)}MB`;
}

// -- exit status --------------------------------------------------------------------------------------------

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

/** `exit 2`, `SIGSEGV`. */
export function statusText(status: Status): string {
  return 'exit' in status ? `exit ${status.exit}` : (SIGNALS[status.signal] ?? `signal ${status.signal}`);
}

// -- commands -----------------------------------------------------------------------------------------------

/** A command as one would type it: the argument of a shell's -c, else the words. */
export function commandLine(argv: readonly string[]): string {
  const script =
    argv.length > 2 &&
    /(^|\/)(ba|da|k|z|a|mk)?sh$/.test(argv[0] ?? '') &&
    /^-[a-z]*c$/.test(argv.at(-2) ?? '');
  if (script) return argv.at(-1) ?? '';
  return argv.map(shellWord).join(' ');
}

/** A command on lines of its own: `$ `, and further lines below if it contains newlines. */
export function commandLines(argv: readonly string[]): string[] {
  return commandLine(argv)
    .split('\n')
    .map((line, i) => `${i === 0 ? '$' : ' '} ${escapeName(line)}`);
}

/** Quotes a word so that a POSIX shell reads exactly this text. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-][\w@%+=:,./#-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A sentence lists at most this many names. */
const NAMED = 3;

/** `a.o, b.o, c.o and 3 more`: names in a sentence. */
export function namesText(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).map(escapeName).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/**
 * A target as a word that can be pasted into a POSIX shell for `loglin show`, without anything that a
 * terminal would obey. Some names fit in no word: those with a NUL, half of a surrogate pair, or a newline at
 * the end. They are printed in their displayed form, by which show finds them.
 */
export function targetWord(name: string): string {
  const shown = escapeName(name);
  let word: string;
  if (shown === name) word = shellWord(name);
  else if (/\0|\p{Cs}|\n$/u.test(name)) word = shellWord(shown);
  else word = `"$(printf '${name.replaceAll(/[^]/gu, formatted)}')"`;
  return name.startsWith('-') ? `-- ${word}` : word;
}

/**
 * Escapes a character for a printf format inside single quotes inside double quotes, where an interactive
 * shell still interprets a `!`.
 */
function formatted(character: string): string {
  if (character === '%') return '%%';
  if (character === '\\') return String.raw`\\`;
  if (!/^['!-]$/.test(character) && escapeName(character) === character) return character;
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
    .join('');
}
