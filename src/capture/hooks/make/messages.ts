// Finds what GNU make itself prints about a job: the echo of a recipe line, and the lines about its failure.
// Pure; knows the forms of make's messages (src/job.c, child_error and start_job_command), not where they
// come from.

const NEWLINE = 0x0a;
/**
 * The most bytes between an echo and its job: other text can stand there only if two makes share an output.
 */
const ENDS = 64;

/** The command's text without what make may show differently: blanks, quotes, backslashes. */
function skeleton(text: string): string {
  return text.replaceAll(/[\s'"\\]/g, '');
}

/**
 * Finds a command's echo in the text that a make has just printed.
 * @param text whole lines and perhaps the start of one, as bytes.
 * @param argv the command as it is run: `sh -c line`, or, for a simple line, its words.
 * @returns the range of the lines, newline included, or undefined.
 */
export function findEcho(text: Buffer, argv: readonly string[]): { from: number; to: number } | undefined {
  const wanted = new Set([skeleton(argv.at(-1) ?? ''), skeleton(argv.join(''))]);
  wanted.delete('');
  const longest = Math.max(0, ...[...wanted].map((one) => one.length));
  let end = text.lastIndexOf(NEWLINE);
  for (let tries = 0; end >= 0 && tries < ENDS; tries++) {
    let from = end;
    let found = '';
    let start: number | undefined;
    // Looks for the longest match: the last word of a command may stand on a line of its own.
    while (from >= 0 && found.length < longest) {
      const lineStart = from === 0 ? 0 : text.lastIndexOf(NEWLINE, from - 1) + 1;
      found = skeleton(text.toString('utf8', lineStart, from)) + found;
      if (wanted.has(found)) start = lineStart;
      from = lineStart - 1;
    }
    if (start !== undefined) return { from: start, to: end + 1 };
    end = end === 0 ? -1 : text.lastIndexOf(NEWLINE, end - 1);
  }
  return undefined;
}

/**
 * The length of the line in which a make names its folder, newline included; 0 if its text begins otherwise.
 * The line is translated, so it is recognised by the quoted folder at its end.
 * @param text the start of the make's text. @param folder absolute.
 */
export function enteringLength(text: Buffer, folder: string): number {
  const end = text.indexOf(NEWLINE);
  const line = end < 0 ? '' : text.toString('latin1', 0, end);
  const name = Buffer.from(folder).toString('latin1');
  const at = line.indexOf(name);
  if (at < 0 || !/^[^ ]+: /.test(line)) return 0;
  return OPENS.test(line.slice(0, at)) && CLOSES.test(line.slice(at + name.length)) ? end + 1 : 0;
}

/** A message of make about a target: its recipe failed, or its file is deleted. */
export interface TargetMessage {
  readonly from: number;
  readonly to: number;
  /** make ignores the failure: the `*** ` is missing. */
  readonly ignored: boolean;
}

/**
 * The separator of the makefile's line number and the target: `[Makefile:2: a]`, in French `[Makefile:2 :
 * a]`, in Chinese a wide colon (in UTF-8, GB 2312, Big5). Messages are compared as bytes, since they are
 * translated and may be in any charset.
 */
const COLONS = [': ', '\xef\xbc\x9a', '\xa3\xba', '\xa1G'];
/** The text before `Deleting file`. */
const DELETES = [': ***', ': ** ', ': \xe2\x80\xa2'];
/**
 * The quotes before and after a name in make's translations: in UTF-8, ISO 8859-1, GB 2312, Big5, KOI8.
 */
const OPENS =
  /(?:['"`]|\xe2\x80[\x98\x9c-\x9e]|\xc2[\xa0\xab]|\xe3\x80\x8c|[\xa0\xab\xbb]|\xa1\xb0|\xa1u|<<)$/;
const CLOSES =
  /^(?:['"`]|\xe2\x80[\x99\x9c\x9d]|\xc2[\xa0\xbb]|\xe3\x80\x8d|[\xa0\xab\xbb]|\xa1\xb1|\xa1v|>>)/;

/** Finds the lines about this target's failure in make's text. */
export function findMessages(text: Buffer, target: string): TargetMessage[] {
  const found: TargetMessage[] = [];
  // Only a forged record has no target.
  if (target === '') return found;
  const name = Buffer.from(target);
  const bytes = name.toString('latin1');
  // `make: *** [Makefile:3: name] Error 1`, before 4.0 `[name] Error 1`; `make: *** Deleting file 'name'`.
  const marks = [`: *** [${bytes}] `, `: [${bytes}] `, ...COLONS.map((colon) => `${colon}${bytes}] `)];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at)) {
    const from = at === 0 ? 0 : text.lastIndexOf(NEWLINE, at - 1) + 1;
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) break;
    const line = text.toString('latin1', from, end);
    if (marks.some((mark) => line.includes(mark)))
      found.push({ from, to: end + 1, ignored: !line.includes(': *** ') });
    else if (DELETES.some((mark) => line.includes(mark)) && isQuoted(line, bytes))
      found.push({ from, to: end + 1, ignored: false });
    at = end + 1;
  }
  return found;
}

function isQuoted(line: string, name: string): boolean {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1))
    if (OPENS.test(line.slice(0, at)) && CLOSES.test(line.slice(at + name.length))) return true;
  return false;
}

/** `Makefile:5: name`, `<builtin>: name`, `name`. */
const PLACE = new RegExp(`^(?:.*?:\\d+|<[^>]*>) ?(?:${COLONS.join('|')})(.+)$`);

/**
 * Finds the messages about a recipe line whose program does not exist. make starts nothing then.
 * @returns the target, the status, and the range of the lines that belong to it: the echo, `make: prog: No
 *   such file …`, `*** [… target] Error 127`.
 */
export function findUnstarted(
  text: Buffer,
): { target: string; status: number; from: number; to: number } | undefined {
  for (let at = text.indexOf(': *** ['); at >= 0; at = text.indexOf(': *** [', at + 1)) {
    const start = at === 0 ? 0 : text.lastIndexOf(NEWLINE, at - 1) + 1;
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) return undefined;
    const match = /: \*\*\* \[(.+)\] [^ ]+ (127|126)$/.exec(text.toString('latin1', start, end));
    if (!match?.[1]) continue;
    const target = PLACE.exec(match[1])?.[1] ?? match[1];
    let from = start;
    const before = lineBefore(text, start);
    const program = before && /^[^:]+: (.+?) ?: /u.exec(before.line)?.[1];
    if (before && program !== undefined) {
      from = before.from;
      const echo = lineBefore(text, from);
      if (echo?.line.trimStart().startsWith(program)) from = echo.from;
    }
    return { target: Buffer.from(target, 'latin1').toString(), status: Number(match[2]), from, to: end + 1 };
  }
  return undefined;
}

function lineBefore(text: Buffer, at: number): { line: string; from: number } | undefined {
  if (at === 0) return undefined;
  const from = at === 1 ? 0 : text.lastIndexOf(NEWLINE, at - 2) + 1;
  return { line: text.toString('utf8', from, at - 1), from };
}
