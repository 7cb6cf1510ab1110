// Reads the file data base of GNU make 4.x: the text that `print_file_data_base()` (src/file.c) prints, the
// "# Files" part of `make -p`. It is meant for people: comments are translated, and names, values and recipes
// are not escaped. So entries are recognised by their shape, not by words:
//
//   (empty line)
//   .RECIPEPREFIX = >                      when it is another prefix than before
//   # makefile (from 'Makefile', line 3)   a comment and a definition, perhaps of many lines, for each
//   name: VAR := value                     variable of the target's own
//   # Not a target:
//   name: need need | need                 or `name::`; only below this line are three comments or more
//   #  Phony target …                      comments: "# " and text, but `.PHONY` is not translated
//   #  Also makes: name name               a colon, then nothing but names
//   # variable set hash-table stats:       when the target has variables; in German with an empty line
//   # Load=…                               between the two
//   #  recipe to execute …
//   <tab>command                           up to the first empty line that does not continue a `\`
//
// Each need has an entry, which distinguishes a name with spaces or `: ` from several names.
//
// Limits:
// - Whether `a b` among the needs is one file or two is unknown if `a b`, `a` and `b` all have entries: the
//   longest name wins. A file named `|` is taken for the mark before the order-only needs, and `.WAIT` for
//   make 4.4's mark.
// - In names that are not UTF-8, each invalid byte becomes U+FFFD, after names have been distinguished.
// - Not read: a target whose name starts with `# ` and which has variables of its own; a file that is not a
//   target and whose first need looks like `X := y`; names with a newline.
// - Needs that make has not expanded yet (.SECONDEXPANSION in make 4.4, targets that it has not reached):
//   words with `$` that are not a file's name are left out. Implicit rules show only at targets that make has
//   considered.
// - Entries that `make -r` hides are missing. If a dump is cut off, its last entry may be missing.

import { readDrafts } from './drafts.ts';
import { type GraphEntry, nameEntries } from './entries.ts';

/**
 * Parses what GNU make 4.x's `print_file_data_base()` printed (src/file.c: print_file, print_prereqs;
 * src/variable.c: print_target_variables; src/commands.c: print_commands), in any language. Entries come in
 * the order of make's hash table. loglin's own makefile is left out, and so is what cannot be read.
 */
export function parseFileDataBase(dump: Buffer): GraphEntry[] {
  // One character for each byte: names are compared as bytes.
  const text = dump.toString('latin1');
  return joinPeers(nameEntries(dump, text, readDrafts(dump, text)));
}

/**
 * Makes "Also makes" symmetric, and removes the target itself from it. make prints the whole group for each
 * target of a `&:` rule (src/read.c record_files), but for a pattern rule the others, and only for the target
 * that it has looked for (src/implicit.c pattern_search).
 */
function joinPeers(entries: GraphEntry[]): GraphEntry[] {
  const peers = new Map<string, Set<string>>();
  const join = (name: string, others: readonly string[]) => {
    let set = peers.get(name);
    if (!set) peers.set(name, (set = new Set()));
    for (const other of others) if (other !== name) set.add(other);
  };
  for (const { name, also, doubleColon } of entries) {
    if (also.length === 0 || doubleColon) continue;
    join(name, also);
    if (!also.includes(name)) for (const other of also) join(other, [name, ...also]);
  }
  return entries.map((entry) => {
    if (entry.doubleColon) {
      if (entry.also.length === 0) return entry;
      return { ...entry, also: entry.also.filter((other) => other !== entry.name) };
    }
    const set = peers.get(entry.name);
    return set ? { ...entry, also: [...set] } : entry;
  });
}

/** Entries that are no files but make's own settings: `.PHONY`, `.SUFFIXES`, `.DEFAULT_GOAL`, … */
const SETTING = /^\.[A-Z_]+$/;

/**
 * Keeps what the goals reach, through needs and peers (`also`), and of that only entries with content: files
 * that are no target, need nothing and have no recipe are left out. Keeps order, and the entries as they are,
 * so a need may have lost its entry. Goals may be written with `./`, as on make's command line. When no goal
 * has an entry, all entries count as reached but make's own settings, like `.PHONY`.
 */
export function prune(entries: readonly GraphEntry[], goals: readonly string[]): GraphEntry[] {
  const byName = new Map<string, GraphEntry[]>();
  for (const entry of entries) {
    const list = byName.get(entry.name);
    if (list) list.push(entry);
    else byName.set(entry.name, [entry]);
  }
  const reached = new Set<string>();
  for (const goal of goals) {
    const name = byName.has(goal) ? goal : goal.replace(/^(?:\.\/+)+/, '');
    if (byName.has(name)) reached.add(name);
  }
  if (reached.size === 0) return entries.filter((entry) => !SETTING.test(entry.name) && hasContent(entry));
  // The set grows during the loop.
  for (const name of reached) {
    for (const { needs, also } of byName.get(name) ?? []) {
      for (const need of needs) reached.add(need);
      for (const peer of also) reached.add(peer);
    }
  }
  return entries.filter((entry) => reached.has(entry.name) && hasContent(entry));
}

function hasContent({ target, recipe, needs, also }: GraphEntry): boolean {
  return target || recipe || needs.length > 0 || also.length > 0;
}
