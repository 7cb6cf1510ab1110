// Light or dark: as the system has it, until the reader says otherwise; the choice is kept in the browser.

import type { Theme } from './ansi.ts';
import { Cell } from './cell.ts';

export type Choice = Theme | 'system';

const KEY = 'loglin.theme';
const ORDER: readonly Choice[] = ['system', 'light', 'dark'];

/** Storage is refused to some pages, for instance to files. */
export function remembered(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then it holds for this page only.
  }
}

export class Themes {
  readonly choice: Cell<Choice>;
  readonly theme: Cell<Theme>;
  readonly #dark = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    const choice = ORDER.find((one) => one === remembered(KEY)) ?? 'system';
    this.choice = new Cell(choice);
    this.theme = new Cell<Theme>('light');
    this.#apply();
    this.#dark.addEventListener('change', () => this.#apply());
  }

  /** To the next choice. */
  next(): Choice {
    const choice = ORDER[(ORDER.indexOf(this.choice.value) + 1) % ORDER.length]!;
    this.choice.value = choice;
    remember(KEY, choice);
    this.#apply();
    return choice;
  }

  #apply(): void {
    const choice = this.choice.value;
    const theme = choice === 'system' ? (this.#dark.matches ? 'dark' : 'light') : choice;
    document.documentElement.dataset.theme = theme;
    this.theme.value = theme;
  }
}
