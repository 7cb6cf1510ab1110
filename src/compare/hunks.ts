// Turns edits into the hunks of a unified diff: changes with some lines around them. Holds a limited number
// of lines, and only counts those beyond the limit.

import type { Edit } from './edits.ts';

/** A group of adjacent lines of a diff. */
export interface Hunk {
  /** The first line on each side, from 1, and the number of lines. If there are none, the line before. */
  readonly from: Stretch;
  readonly to: Stretch;
  readonly lines: readonly Edit[];
  /** The lines were compared regardless of order, and lines that are the same are omitted. */
  readonly rough: boolean;
}

export interface Stretch {
  readonly line: number;
  readonly count: number;
}

export interface Hunks {
  readonly hunks: readonly Hunk[];
  readonly added: number;
  readonly removed: number;
  /** How many changed lines are in no hunk, since there were too many. */
  readonly unshown: number;
}

const MOST_LINES = 10_000;
const MOST_CHARACTERS = 8_000_000;

/** @param context how many unchanged lines surround each change. */
export function hunksOf(edits: Iterable<Edit>, context: number): Hunks {
  const hunks: Hunk[] = [];
  let open: { lines: Edit[]; from: number; to: number; rough: boolean } | undefined;
  let before: Edit[] = []; // the last unchanged lines, which are in no hunk yet
  let since = 0; // how many unchanged lines have followed the last change, if a hunk is open
  let old = 0; // how many lines of each side have been read
  let fresh = 0;
  const counts = { added: 0, removed: 0, unshown: 0 };
  let kept = 0;
  let characters = 0;

  const close = (): void => {
    if (!open) return;
    const { lines, from, to, rough } = open;
    const surplus = Math.max(0, since - context);
    const taken = lines.slice(0, lines.length - surplus);
    before = context > 0 ? lines.slice(lines.length - surplus).slice(-context) : [];
    const count = (side: Edit['kind']): number => taken.filter(({ kind }) => kind !== side).length;
    hunks.push({ from: stretch(from, count('new')), to: stretch(to, count('old')), lines: taken, rough });
    open = undefined;
  };

  for (const edit of edits) {
    if (edit.kind === 'same') {
      old++;
      fresh++;
      // A rough hunk omits unchanged lines, so a line after it would have the wrong number.
      if (open?.rough && !edit.rough) close();
      if (open && !edit.rough) {
        open.lines.push(edit);
        if (++since > 2 * context) close();
      } else if (!open && context > 0 && !edit.rough) {
        before.push(edit);
        if (before.length > context) before.shift();
      }
      continue;
    }
    counts[edit.kind === 'new' ? 'added' : 'removed']++;
    if (kept < MOST_LINES && characters < MOST_CHARACTERS) {
      kept++;
      characters += edit.text.length;
      if (open && open.rough !== edit.rough) close();
      if (edit.rough) before = [];
      open ??= { lines: before, from: old - before.length, to: fresh - before.length, rough: edit.rough };
      if (open.lines === before) before = [];
      open.lines.push(edit);
      since = 0;
    } else {
      close();
      counts.unshown++;
    }
    if (edit.kind === 'old') old++;
    else fresh++;
  }
  close();
  return { hunks, ...counts };
}

/** @param before how many lines precede the stretch. */
function stretch(before: number, count: number): Stretch {
  return { line: count === 0 ? before : before + 1, count };
}
