// The help, from the table of keys: in two columns where they fit, with a legend of the marks, and only what
// a filter fits.

import { escapeName } from '../../model/printable.ts';
import { KEYS, keyName } from '../keys.ts';
import type { State } from '../state.ts';
import { type Row, type Span, fit, folded, pinned, span } from '../../documents/spans.ts';
import { nameTest } from '../../documents/tree.ts';
import { BOLD, DIM, legend } from './marks.ts';

const KEY_WIDTH = 20;
/** From this width on there are two columns. */
const TWO_COLUMNS = 110;

/** A heading and what is below it: each entry with its key or mark. */
interface Group {
  readonly title: string;
  readonly entries: readonly { readonly key: Row; readonly text: string }[];
}

function groups(ascii: boolean, filter: string): Group[] {
  const test = nameTest(filter);
  const keys = KEYS.map(({ title, keys: all }) => ({
    title,
    entries: all.map(({ keys: names, help }) => ({
      key: [span(names.map((name) => keyName(name, ascii)).join(' '), BOLD)],
      text: help,
    })),
  }));
  const marks = legend(ascii).map(([marksOf, text]) => ({ key: marksOf, text }));
  return [...keys, { title: 'Marks', entries: marks }]
    .map(({ title, entries }) => ({
      title,
      entries: entries.filter(
        ({ key, text }) => test(`${key.map((one) => one.text).join('')} ${text}`) || test(title),
      ),
    }))
    .filter(({ entries }) => entries.length > 0);
}

/** The rows of a group. */
function groupRows({ title, entries }: Group, width: number): Row[] {
  const out: Row[] = [[span(` ${title}`, BOLD)]];
  for (const { key, text } of entries)
    folded(text, Math.max(16, width - KEY_WIDTH - 1)).forEach((part, i) => {
      const first: Span[] = i === 0 ? [span(' '), ...key] : [];
      out.push([...fit(first, KEY_WIDTH), ...pinned([span(part)])]);
    });
  return [...out, []];
}

function lines({ width, ascii, helpFilter }: State): Row[] {
  const all = groups(ascii, helpFilter);
  if (all.length === 0) return [[span(' nothing fits; Esc shows all', DIM)]];
  const end: Row[] = [[span(' More: docs/tui.md', DIM)]];
  if (width < TWO_COLUMNS) return [...all.flatMap((group) => groupRows(group, width)), ...end];
  const half = width >> 1;
  const blocks = all.map((group) => groupRows(group, half - 1));
  const total = blocks.reduce((sum, { length }) => sum + length, 0);
  // The left column gets groups until it has half of the lines.
  let left = 0;
  let count = 0;
  while (count < blocks.length && left + blocks[count]!.length / 2 <= total / 2)
    left += blocks[count++]!.length;
  const [one, two] = [blocks.slice(0, count).flat(), blocks.slice(count).flat()];
  const both = Array.from({ length: Math.max(one.length, two.length) }, (_, i) => [
    ...fit(one[i] ?? [], half),
    ...pinned(two[i] ?? []),
  ]);
  return [...both, ...end];
}

/**
 * The help on a whole screen of so many rows. It does not scroll beyond the position in which its end is
 * visible.
 */
export function helpView(state: State, height: number): { readonly rows: Row[]; readonly top: number } {
  const { width, help = 0, helpFilter } = state;
  const all = lines(state);
  const body = height - 1;
  const top = Math.max(0, Math.min(help, all.length - body));
  const part = `  ${top + 1}-${Math.min(all.length, top + body)} of ${all.length}`;
  const filter = helpFilter === '' ? '' : `  /${escapeName(helpFilter)}`;
  const head = fit([span(' Keys', '7;1'), span(filter, '7'), span(part, '7')], width, '7');
  const rows = all.slice(top, top + body).map((row) => fit(row, width));
  while (rows.length < body) rows.push([span(' '.repeat(width))]);
  return { rows: [head, ...rows], top };
}
