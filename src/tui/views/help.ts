// The help, from the table of keys.

import { KEYS, keyName } from '../keys.ts';
import { type Row, fit, folded, span } from '../text/spans.ts';
import { BOLD, DIM } from './marks.ts';

const KEY_WIDTH = 20;

function lines(width: number, ascii: boolean): Row[] {
  const out: Row[] = [];
  for (const { title, keys } of KEYS) {
    out.push([span(` ${title}`, BOLD)]);
    for (const { keys: names, help } of keys) {
      const list = names.map((name) => keyName(name, ascii)).join(' ');
      const room = Math.max(16, width - KEY_WIDTH - 1);
      folded(help, room).forEach((part, i) => {
        out.push([span(` ${i === 0 ? list : ''}`.padEnd(KEY_WIDTH), BOLD), span(part)]);
      });
    }
    out.push([]);
  }
  out.push([span(' More: docs/tui.md', DIM)]);
  return out;
}

/**
 * The help on a whole screen, starting at a line, but not beyond the position in which its end is visible.
 */
export function helpView(
  width: number,
  height: number,
  from: number,
  ascii: boolean,
): { readonly rows: Row[]; readonly top: number } {
  const all = lines(width, ascii);
  const body = height - 1;
  const top = Math.max(0, Math.min(from, all.length - body));
  const head = fit(
    [span(' Keys', '7;1'), span(`  ${top + 1}-${Math.min(all.length, top + body)} of ${all.length}`, '7')],
    width,
    '7',
  );
  const rows = all.slice(top, top + body).map((row) => fit(row, width));
  while (rows.length < body) rows.push([span(' '.repeat(width))]);
  return { rows: [head, ...rows], top };
}
