// Reads GNU make's command line: its folder, its goals, and whether it makes anything. Pure.

import path from 'node:path';

export interface MakeCommandLine {
  /** `-C`; '' for the current folder. */
  readonly folder: string;
  readonly goals: readonly string[];
  /** Nothing is made: `-n`, `-q`, `-t`, `--version`, `--help`. */
  readonly idle: boolean;
  /** Nothing changes either: like idle, but without `-t`, which makes files look new. */
  readonly asks: boolean;
  /** Commands are not echoed: `-s`. */
  readonly silent: boolean;
}

/** The options that take a value, in the next word if need be (main.c, switches). */
const VALUED = 'CfIoWE';
/** The options that take a number, if there is one. */
const NUMBERED = 'jl';
const LONG_VALUED =
  /^--(?:directory|file|makefile|include-dir|old-file|assume-old|what-if|new-file|assume-new|eval)$/;
const LONG_NUMBERED = /^--(?:jobs|load-average|max-load)$/;
const LONG_ASKS = /^--(?:just-print|dry-run|recon|question|version|help)$/;
const LONG_SILENT = /^--(?:silent|quiet)$/;

/** @param argv the program first. */
export function readCommandLine(argv: readonly string[]): MakeCommandLine {
  let folder = '';
  const goals: string[] = [];
  let touches = false;
  let asks = false;
  let silent = false;
  const enter = (to: string): void => {
    folder = folder === '' || to.startsWith('/') ? to : `${folder}/${to}`;
  };
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (!word.startsWith('-') || word === '-') {
      if (!word.includes('=')) goals.push(word);
    } else if (word === '--') {
      goals.push(...argv.slice(i + 1).filter((rest) => !rest.includes('=')));
      break;
    } else if (word.startsWith('--')) {
      touches ||= word === '--touch';
      asks ||= LONG_ASKS.test(word);
      silent = (silent || LONG_SILENT.test(word)) && word !== '--no-silent';
      if (word.startsWith('--directory=')) enter(word.slice('--directory='.length));
      if (LONG_VALUED.test(word)) {
        const value = argv[++i] ?? '';
        if (word === '--directory') enter(value);
      } else if (LONG_NUMBERED.test(word) && isNumber(argv[i + 1])) i++;
    } else {
      for (let k = 1; k < word.length; k++) {
        const letter = word[k] ?? '';
        touches ||= letter === 't';
        asks ||= 'nqvh'.includes(letter);
        silent ||= letter === 's';
        if (letter === 'O') break;
        if (NUMBERED.includes(letter)) {
          const digits = /^[\d.]*/.exec(word.slice(k + 1))?.[0] ?? '';
          if (digits === '' && k === word.length - 1 && isNumber(argv[i + 1])) i++;
          k += digits.length;
        } else if (VALUED.includes(letter)) {
          const value = word.slice(k + 1) || (argv[++i] ?? '');
          if (letter === 'C') enter(value);
          break;
        }
      }
    }
  }
  return { folder, goals, idle: touches || asks, asks, silent };
}

/** Programs that run the command after their own options and variables. */
const PREFIXES: ReadonlySet<string> = new Set([
  'env',
  'nice',
  'ionice',
  'time',
  'chrt',
  'taskset',
  'setarch',
]);

/**
 * Whether the command is a make that echoes no commands: by `-s` or its long forms, or by the flags in its
 * environment. The command's own `--no-silent` is the last word.
 * @param argv the program first. @param env the environment that it gets.
 */
export function isSilentMake(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): boolean {
  const prefixed = PREFIXES.has(path.basename(argv[0] ?? ''));
  const at = argv.findIndex((word, i) => (i === 0 || prefixed) && /^g?make$/.test(path.basename(word)));
  if (at < 0) return false;
  const assigned = (name: string): string | undefined =>
    argv
      .slice(0, at)
      .findLast((word) => word.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? env[name];
  const flags = ['GNUMAKEFLAGS', 'MAKEFLAGS'].flatMap((name) => flagWords(assigned(name) ?? ''));
  return readCommandLine(['make', ...flags, ...argv.slice(at + 1)]).silent;
}

/** The options in MAKEFLAGS: letters without a dash may come first, variables stand after `--`. */
function flagWords(text: string): string[] {
  const words = text.split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first !== undefined && !first.startsWith('-') && !first.includes('=')) words[0] = `-${first}`;
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^[\d.]+$/.test(word);
}
