// Lists of names as make prints them: separated by blanks, nothing escaped, so that a name with a blank in it
// can only be told by knowing it.

/** The names that have spaces in them. */
export interface Spaced {
  readonly names: Set<string>;
  /** The most spaces in a name, by what stands before its first space. */
  readonly most: Map<string, number>;
}

export function indexSpaced(names: Iterable<string>): Spaced {
  const spaced: Spaced = { names: new Set(), most: new Map() };
  for (const name of names) addName(spaced, name);
  return spaced;
}

/** Names with more spaces are not looked for: each place where one may begin costs as many looks. */
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

/** The end of the word at `at`: the longest name with spaces that fits there, else up to the next space. */
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

/** Splits at spaces, but takes the longest name with spaces wherever one fits. */
export function splitWords(text: string, spaced: Spaced): string[] {
  if (spaced.most.size === 0) return text.split(' ').filter((word) => word !== '');
  const words: string[] = [];
  everyWord(text, spaced, (word) => words.push(word) > 0);
  return words;
}

/** Calls `test` for each word until it says no. */
export function everyWord(text: string, spaced: Spaced, test: (word: string) => boolean): boolean {
  for (let at = 0; at < text.length;) {
    const end = wordEnd(text, at, spaced);
    if (end > at && !test(text.slice(at, end))) return false;
    at = end + 1;
  }
  return true;
}

/**
 * Splits a list of names as make prints it (`a b c | d`, not escaped: src/file.c print_prereqs; `$^ | $|`)
 * against the names known to contain spaces: the longest that fits is taken. The first lone `|`, the mark
 * before the order-only needs, is no name and is left out.
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
 * Puts the archives back that make leaves out of `$^` and `$?` (src/commands.c, set_file_variables: `m.o` for
 * `lib.a(m.o)`).
 * @param names as make listed them.
 * @param needs of the same target, as the graph has them.
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
  // Two of one name are listed in the order of the needs.
  return names.map((name) => listed.get(name)?.shift() ?? name);
}
