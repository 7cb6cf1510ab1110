// A tool's line with its files called otherwise: from the folder of who reads it. Knows how tools write a
// place, not where files are.

/** What colours a place: tools put it before, behind and inside. */
const COLOUR = String.raw`\x1b\[[\d;]*[A-Za-z]`;
/** What follows a file's name: a line, `(3,5)`, `", line 3`, or what gcc says before a function. */
const AFTER = String.raw`(?=(?:${COLOUR})*(?::(?:${COLOUR})*\d|\(\d+(?:,\d+)?\)|", line \d|: (?:In|At) ))`;
const FILE = new RegExp(String.raw`(^|[\s"'(]|${COLOUR})([^\s:"'()<>\x1b]+)${AFTER}`, 'g');
/** The same where a name has blanks: it begins the line, and a line and a message follow. */
const WITH_BLANKS = new RegExp(
  String.raw`^((?:${COLOUR})*)([^:"'()<>\x1b]+ [^:"'()<>\x1b]+)(?=:(?:${COLOUR})*\d+[:\x1b])`,
);
/** A line of the source, as compilers repeat it: nothing in it is a place. */
const SOURCE = new RegExp(String.raw`^(?:${COLOUR}|\s)*(?:\d+(?:${COLOUR}|\s)*)?\|`);

/** No tool's line is so long. */
const LONGEST = 4096;

/**
 * The line, with files called as they should be wherever it names one together with a line of it.
 * @param call the file's name; undefined: as printed.
 */
export function located(line: string, call: (printed: string) => string | undefined): string {
  if (line.length > LONGEST || SOURCE.test(line)) return line;
  const blanks = WITH_BLANKS.exec(line);
  const whole = blanks && call(blanks[2] ?? '');
  if (blanks && whole !== undefined) return `${blanks[1] ?? ''}${whole}${line.slice(blanks[0].length)}`;
  return line.replaceAll(FILE, (all: string, before: string, printed: string) => {
    const name = call(printed);
    return name === undefined ? all : before + name;
  });
}
