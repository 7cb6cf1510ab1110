// Rewrites the file names in a tool's line, for a reader in another folder. Knows how tools write a place,
// not where files are.

/** The colour sequences that tools put before, after and inside a place. */
const COLOUR = String.raw`\x1b\[[\d;]*[A-Za-z]`;
/** What follows a file's name: a line, `(3,5)`, `", line 3`, or what gcc prints before a function. */
const AFTER = String.raw`(?=(?:${COLOUR})*(?::(?:${COLOUR})*\d|\(\d+(?:,\d+)?\)|", line \d|: (?:In|At) ))`;
const FILE = new RegExp(String.raw`(^|[\s"'(]|${COLOUR})([^\s:"'()<>\x1b]+)${AFTER}`, 'g');
/** The same for a name with blanks, which begins the line and is followed by a line number and a message. */
const WITH_BLANKS = new RegExp(
  String.raw`^((?:${COLOUR})*)([^:"'()<>\x1b]+ [^:"'()<>\x1b]+)(?=:(?:${COLOUR})*\d+[:\x1b])`,
);
/** A line of source code, as compilers repeat it: nothing in it is a place. */
const SOURCE = new RegExp(String.raw`^(?:${COLOUR}|\s)*(?:\d+(?:${COLOUR}|\s)*)?\|`);

/** No tool prints a longer line. */
const LONGEST = 4096;

/**
 * Renames the files in a line wherever it names one together with a line number.
 * @param newName returns the file's new name; undefined: as printed.
 */
export function renameFiles(line: string, newName: (printed: string) => string | undefined): string {
  if (line.length > LONGEST || SOURCE.test(line)) return line;
  const blanks = WITH_BLANKS.exec(line);
  const whole = blanks && newName(blanks[2] ?? '');
  if (blanks && whole !== undefined) return `${blanks[1] ?? ''}${whole}${line.slice(blanks[0].length)}`;
  return line.replaceAll(FILE, (all: string, before: string, printed: string) => {
    const name = newName(printed);
    return name === undefined ? all : before + name;
  });
}
