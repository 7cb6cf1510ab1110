// Noise: text that differs in every build and means nothing, such as addresses, times, temporary names, the
// project's folder. It is removed from lines before they are compared. Pure; knows one line at a time.
//
// The rules form one expression, so that no rule sees what another one has left. A rule matches only where
// none of its neighbours is a letter, a digit or one of our marks. Nothing new can thus come to match, and
// words stay words.

import { escapeRegExp } from '../model/regexp.ts';

/** The appearance of one kind of noise. */
export interface Noise {
  readonly name: string;
  readonly pattern: RegExp;
  /** Whether it counts as noise in commands too. There, a time or a number is what the user asked for. */
  readonly inCommands: boolean;
  readonly example: string;
}

const MONTH =
  'Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?';
const CLOCK = String.raw`\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?[AaPp][Mm])?`;
/** Six or more letters and digits that are not a word: with a digit, or in mixed case. */
const RANDOM = String.raw`(?=[A-Za-z]*\d|[A-Z]*[a-z]+[A-Z])[A-Za-z0-9]{6,}`;

const rule = (name: string, source: string, example: string, inCommands = false): Noise => ({
  name,
  pattern: new RegExp(source),
  inCommands,
  example,
});

/** All kinds of noise. If two match at the same place, the first one counts. */
export const NOISE: readonly Noise[] = [
  rule('tmp', '(?<=/tmp/)tmp(?=[a-z]*[A-Z0-9_])[A-Za-z0-9_]{6,}', '/tmp/tmpab12_x9', true),
  rule('rustc', '(?<=/tmp/)rustc(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{6}', '/tmp/rustcYx8aQ1', true),
  rule('go-build', String.raw`(?<=/tmp/)go-build\d{6,}`, '/tmp/go-build1234567890', true),
  // Names made by mktemp may also be ten lower-case letters.
  rule('temp', String.raw`(?<=/tmp/tmp\.)[A-Za-z0-9]{10}`, '/tmp/tmp.rjebicfxfy', true),
  rule('temp', String.raw`(?<=/tmp/)cc[A-Za-z0-9]{6}`, '/tmp/ccVx9z1A.o', true),
  rule(
    'temp',
    String.raw`(?<=/)cc(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{6}(?=\.)`,
    '/scratch/ccVx9z1A.ltrans0.o',
    true,
  ),
  rule(
    'temp',
    // No file name is longer. Without the bound, each position in a long line would be traced back to the
    // line's start.
    String.raw`(?<=/tmp/(?:[\w.-]{0,255}[._-])?|(?<!\w)tmp\.)${RANDOM}`,
    '/tmp/build.Xa81Qz, tmp.oVdQ2IbX4p',
    true,
  ),
  rule(
    'uuid',
    '[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}',
    '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  ),
  rule('address', '0x[0-9a-fA-F]{5,16}', '0x7ffd1c2a4b30'),
  rule(
    'date',
    String.raw`(?:\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?`,
    '2026-11-21T06:18:14Z, 2026/11/21 06:18:14',
  ),
  rule(
    'date',
    String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:(?:${MONTH}) {1,2}\d{1,2}|\d{1,2} (?:${MONTH}))(?:,? \d{4})?(?:,? ${CLOCK}(?: [A-Z]{3,4})?(?: \d{4})?)?`,
    'Sat Nov 21 06:18:14 UTC 2026',
  ),
  rule('time', String.raw`(?<![:.])${CLOCK}(?!:[\d‹])`, '06:18:14.123'),
  rule(
    'duration',
    String.raw`(?<!\.)(?:\d+h ?)?(?:\d+m ?)?\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|secs?|seconds?|milliseconds?|mins?|minutes?|hours?)`,
    '1.25s, 2m03s, 12 ms, 3 seconds',
  ),
  rule('hash', '(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,64}', 'libserde-8f14e45fceea167a.rlib'),
  rule('hash', '(?<=-)g(?=[a-f]*[0-9])[0-9a-f]{7,40}', 'v1.2-3-g7c8ad54'),
  rule('count', String.raw`\[ *\d+/\d+\]|\(\d+/\d+\)|\[ *\d{1,3}%\]`, '[12/300], [ 50%]'),
  rule('percent', String.raw`(?<!\.)\d{1,3}(?:\.\d+)?%`, '12.5%'),
  rule('pid', String.raw`(?<===)\d+(?===)|(?<=(?<!\w)(?:pid|PID)[ =:]{1,2})\d+`, '==4711==, pid 4711'),
];

const OPEN = '‹';
const CLOSE = '›';
/**
 * A longer line is processed in pieces, cut at blanks if there are any. The time of rules that look back
 * grows with the square of their text.
 */
const PIECE = 1024;
const PIECES = new RegExp(`[^]{1,${PIECE}}(?:\\s|$)|[^]{1,${PIECE}}`, 'g');

/** Every line with noise contains one of these. Most lines contain none, and are skipped at little cost. */
const MAY_HAVE_NOISE = /\d|tmp|\/cc/;

export interface NormalOptions {
  /** The project's absolute folders. Files below them are named `‹root›/…`. */
  readonly roots?: readonly string[];
  /** For commands: only noise that no user asks for. */
  readonly commands?: boolean;
}

/**
 * Returns a function that removes the noise from a line. It is idempotent, and lines that differ in a word
 * still differ afterwards.
 */
export function normaliser({ roots = [], commands = false }: NormalOptions = {}): (line: string) => string {
  const rules = NOISE.filter(({ inCommands }) => inCommands || !commands);
  // Rules have no capturing groups of their own, so the group that matched tells which rule it was.
  const sources = rules.map(({ pattern }) => `(${pattern.source})`).join('|');
  const noise = new RegExp(`(?<![\\w${CLOSE}])(?:${sources})(?![\\w${OPEN}])`, 'g');
  const named = (...match: readonly unknown[]): string =>
    OPEN + (rules[match.findIndex((group, i) => i > 0 && group !== undefined) - 1]?.name ?? '') + CLOSE;
  const root = rootPattern(roots);
  return (line) => {
    const moved = root && line.includes('/') ? line.replace(root, `${OPEN}root${CLOSE}`) : line;
    if (!MAY_HAVE_NOISE.test(moved)) return moved;
    if (moved.length <= PIECE) return moved.replace(noise, named);
    return moved.replace(PIECES, (piece) => piece.replace(noise, named));
  };
}

/** `/` and folders directly below it, such as `/usr`, are ignored, since they contain more than a project. */
function rootPattern(roots: readonly string[]): RegExp | undefined {
  const sources = roots
    .filter((root) => /^\/[^/]+\/[^/]/.test(root))
    .sort((a, b) => b.length - a.length)
    .map(escapeRegExp);
  return sources.length === 0 ? undefined : new RegExp(`(?:${sources.join('|')})(?![\\w.-])`, 'g');
}
