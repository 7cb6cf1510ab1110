// Which changed lines are errors or warnings. For now by a small test of one line; src/problems will know better, and this is where it comes in.

/** A tool says it so: `error:`, `warning[x]:`, `error TS2304:`, `*** [a.o] Error 1`. */
const TELLING =
  /(?:^|[\s:(])(?:fatal error|error|warning)(?:\[[\w-]+\]| [A-Z]+\d+)?:|undefined reference to|\*\*\* /i;

/**
 * What problem a line tells of: lines with the same answer tell of the same one, wherever in its file it has moved to. Undefined: of none.
 * @param normal takes the noise out.
 */
export function problemKey(line: string, normal: (line: string) => string): string | undefined {
  if (!TELLING.test(line)) return undefined;
  return normal(line).replaceAll(/:\d+(?::\d+)?(?=:)|\(\d+,\d+\)(?=:)/g, '');
}
