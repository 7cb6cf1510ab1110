// Lists of names as make prints them: separated by blanks, with nothing escaped. A name that contains a blank
// can only be recognised if it is known.

/** The known names that contain spaces. */
export interface Spaced {
  readonly names: Set<string>;
  /** The largest number of spaces in a name, by the part of the name before its first space. */
  readonly most: Map<string, number>;
}

export function indexSpaced(names: Iterable<string>): Spaced {
  const spaced: Spaced = { names: new Set(), most: new Map() };
  for (const name of names) addName(spaced, name);
  return spaced;
}

/** Names with more spaces are ignored, since each place where one may begin costs as many lookups. */
const MOST_SPACES = 100;

function addName({ names, most }: Spaced, name: string): void {
  const first = name.indexOf(' ');
  if (first < 0) return;
  const head = name.slice(0, first);
  let spaces = 0;
  for (let space = first; space >= 0 && spaces <= MOST_SPACES; space = name.indexOf(' ', space + 1)) spaces++;
  if (spaces > MOST_SPACES) return;
  names.add(name);
  if (spaces > (most.get(head) ?? 0)) most.set(head, spaces);
}

/** Returns the end of the word at `at`: that of the longest known name with spaces, else the next space. */
function wordEnd(text: string, at: number, { names, most }: Spaced): number {
  const space = text.indexOf(' ', at);
  let end = space < 0 ? text.length : space;
  if (most.size === 0) return end;
  let stop = end;
  for (let spaces = most.get(text.slice(at, end)) ?? 0; spaces > 0 && stop < text.length; spaces--) {
    const next = text.indexOf(' ', stop + 1);
    stop = next < 0 ? text.length : next;
    if (names.has(text.slice(at, stop))) end = stop;
  }
  return end;
}

/** Splits at spaces, except within the longest known name with spaces that fits. */
export function splitWords(text: string, spaced: Spaced): string[] {
  if (spaced.most.size === 0) return text.split(' ').filter((word) => word !== '');
  const words: string[] = [];
  everyWord(text, spaced, (word) => words.push(word) > 0);
  return words;
}

/** Calls `test` for each word until it returns false. */
export function everyWord(text: string, spaced: Spaced, test: (word: string) => boolean): boolean {
  for (let at = 0; at < text.length;) {
    const end = wordEnd(text, at, spaced);
    if (end > at && !test(text.slice(at, end))) return false;
    at = end + 1;
  }
  return true;
}

/**
 * Splits a list of names as make prints it (`a b c | d`, not escaped: src/file.c print_prereqs; `$^ | $|`).
 * The longest known name with spaces that fits is taken. The first lone `|`, which precedes the order-only
 * needs, is not a name and is left out.
 */
export function splitNames(text: string, spaced: Spaced): string[] {
  const words = splitWords(text, spaced);
  const bar = words.indexOf('|');
  if (bar >= 0) words.splice(bar, 1);
  return words;
}

/** The member of an archive, as make names it: `lib.a(m.o)`. */
const MEMBER = /^[^(].*?\((.+)\)$/s;

export function isMember(name: string): boolean {
  return name.endsWith(')') && MEMBER.test(name);
}

/**
 * Restores the archives that make leaves out of `$^` and `$?` (src/commands.c, set_file_variables: `m.o` for
 * `lib.a(m.o)`).
 * @param names as make listed them.
 * @param needs the needs of the same target in the graph.
 */
export function withArchives(names: readonly string[], needs: readonly string[]): readonly string[] {
  const members = needs.filter(isMember);
  if (members.length === 0) return names;
  const listed = new Map<string, string[]>();
  for (const need of needs) {
    const name = isMember(need) ? (MEMBER.exec(need)?.[1] ?? need) : need;
    const same = listed.get(name);
    if (same) same.push(need);
    else listed.set(name, [need]);
  }
  // Two members of the same name are listed in the order of the needs.
  return names.map((name) => listed.get(name)?.shift() ?? name);
}
