// Reads GNU make's command line: its folder, its goals, and whether it makes anything. Pure.

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

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^[\d.]+$/.test(word);
}
