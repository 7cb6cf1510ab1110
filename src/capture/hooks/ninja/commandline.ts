// Reads the command line of ninja and samurai: the manifest, and the goals. Pure.

/** What the arguments say. */
export interface NinjaCommandLine {
  /** `-C`; '' for the current folder. */
  readonly folder: string;
  /** `-f`, relative to the folder. */
  readonly manifest: string;
  readonly goals: readonly string[];
  /** Commands are printed, not descriptions. */
  readonly verbose: boolean;
  /** No status lines. */
  readonly quiet: boolean;
  /** Nothing is made: `-n`, `-t`, `--version`, `-h`. */
  readonly idle: boolean;
}

/** The options that take a value (ninja.cc, ReadFlags; samu.c, main). */
const VALUED = 'CfjkldtwP';

/** @param argv the program first. */
export function readCommandLine(argv: readonly string[]): NinjaCommandLine {
  let folder = '';
  let manifest = 'build.ninja';
  const goals: string[] = [];
  let verbose = false;
  let quiet = false;
  let idle = false;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      goals.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      goals.push(word);
    } else if (word.startsWith('--')) {
      verbose ||= word === '--verbose';
      quiet ||= word === '--quiet';
      idle ||= word === '--version' || word === '--help';
    } else {
      for (let k = 1; k < word.length; k++) {
        const letter = word[k] ?? '';
        if (letter === 'v') verbose = true;
        idle ||= 'nth'.includes(letter);
        if (!VALUED.includes(letter)) continue;
        const value = word.slice(k + 1) || (argv[++i] ?? '');
        if (letter === 'C') folder = value;
        if (letter === 'f') manifest = value;
        break;
      }
    }
  }
  return { folder, manifest, goals, verbose, quiet, idle };
}
