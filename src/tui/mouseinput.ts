// Takes the mouse out of what a terminal sends. blessed reads one mouse sequence of each chunk, and drops all
// else in it: over a slow line, clicks and keys would be lost. Pure.

import type { Mouse } from './keys.ts';

/** A report of a button: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, "SGR (1006)". */
const REPORT = /\x1b\[<(\d+);(\d+);(\d+)([Mm])/g;
/** The beginning of one whose rest has not come yet. */
const BEGUN = /\x1b\[<[\d;]{0,20}$/;

const MOVED = 32;
const WHEEL_UP = 64;
const WHEEL_DOWN = 65;
/** Shift, Alt and Ctrl. */
const MODIFIERS = 4 | 8 | 16;

export class MouseInput {
  #begun = '';

  /**
   * Takes a chunk of input, one character a byte.
   * @returns its parts in order: text without reports, and what the reports mean.
   */
  push(chunk: string): (string | Mouse)[] {
    const text = this.#begun + chunk;
    this.#begun = BEGUN.exec(text)?.[0] ?? '';
    const end = text.length - this.#begun.length;
    const parts: (string | Mouse)[] = [];
    let at = 0;
    for (const report of text.matchAll(REPORT)) {
      if (report.index > at) parts.push(text.slice(at, report.index));
      at = report.index + report[0].length;
      const mouse = mouseOf(Number(report[1]), Number(report[2]), Number(report[3]), report[4] === 'M');
      if (mouse) parts.push(mouse);
    }
    if (at < end) parts.push(text.slice(at, end));
    return parts;
  }
}

/** @param column and row from 1 on. @returns undefined for what has no meaning here. */
function mouseOf(code: number, column: number, row: number, pressed: boolean): Mouse | undefined {
  const button = code & ~MODIFIERS;
  if (!pressed || (button & MOVED) !== 0) return undefined;
  const place = { x: column - 1, y: row - 1 };
  if (button === WHEEL_UP) return { kind: 'up', ...place };
  if (button === WHEEL_DOWN) return { kind: 'down', ...place };
  return button < MOVED ? { kind: 'click', ...place } : undefined;
}
