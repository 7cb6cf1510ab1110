// What GNU make itself prints into its output for a job: the echo of a recipe line, and the lines about its failure. Pure; knows the
// forms of make's messages (src/job.c, child_error and start_job_command), not where they came from.

const NEWLINE = 0x0a;
/** How far back an echo may stand: other text can come between it and the job only when two makes share an output. */
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
    // On to the longest: the last word of a command may stand on a line of its own.
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

/** A line of make's about a target: that its recipe failed, or that its file is deleted. */
export interface TargetMessage {
  readonly from: number;
  readonly to: number;
  /** make goes on as if nothing had been: the `*** ` is missing. */
  readonly ignored: boolean;
}

/** Finds the lines about this target's failure in make's text. */
export function findMessages(text: Buffer, target: string): TargetMessage[] {
  const found: TargetMessage[] = [];
  const name = Buffer.from(target);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const from = at === 0 ? 0 : text.lastIndexOf(NEWLINE, at - 1) + 1;
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) break;
    const line = text.toString('utf8', from, end);
    const stars = line.includes(': *** ');
    // `make: *** [Makefile:3: name] Error 1`, before 4.0 `[name] Error 1`; `make: *** Deleting file 'name'`.
    const about =
      line.includes(`: ${target}] `) ||
      line.includes(`: *** [${target}] `) ||
      line.includes(`: [${target}] `);
    const before = line[line.indexOf(target) - 1] ?? '';
    const after = line[line.indexOf(target) + target.length] ?? '';
    const deleting = stars && /['"‘«„`]/.test(before) && /['"’»“`]/.test(after);
    if ((about || deleting) && found.at(-1)?.from !== from)
      found.push({ from, to: end + 1, ignored: !stars });
    at = end;
  }
  return found;
}

/**
 * A recipe line whose program is not there: make starts nothing, so its messages are all there is.
 * @returns the target, the status and the lines that belong to it: the echo, `make: prog: No such file …`, `*** [… target] Error 127`.
 */
export function findUnstarted(
  text: Buffer,
): { target: string; status: number; from: number; to: number } | undefined {
  for (let at = text.indexOf(': *** ['); at >= 0; at = text.indexOf(': *** [', at + 1)) {
    const start = at === 0 ? 0 : text.lastIndexOf(NEWLINE, at - 1) + 1;
    const end = text.indexOf(NEWLINE, at);
    if (end < 0) return undefined;
    const match = /: \*\*\* \[(?:.*?:\d+: )?(.+)\] \S+ (127|126)$/u.exec(text.toString('utf8', start, end));
    if (!match?.[1]) continue;
    let from = start;
    const before = lineBefore(text, start);
    const program = before && /^[^:]+: (.+?): /u.exec(before.line)?.[1];
    if (before && program !== undefined) {
      from = before.from;
      const echo = lineBefore(text, from);
      if (echo?.line.trimStart().startsWith(program)) from = echo.from;
    }
    return { target: match[1], status: Number(match[2]), from, to: end + 1 };
  }
  return undefined;
}

function lineBefore(text: Buffer, at: number): { line: string; from: number } | undefined {
  if (at === 0) return undefined;
  const from = at === 1 ? 0 : text.lastIndexOf(NEWLINE, at - 2) + 1;
  return { line: text.toString('utf8', from, at - 1), from };
}
