// The browser in a terminal, on a copy of a recorded store: its keys, and the contents of its screen with
// their styles.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Span, parseLine, textWidth } from '../../src/documents/spans.ts';
import type { Screen } from './tmux.ts';
import { type Tree, until } from './tree.ts';

const SAMPLES = fileURLToPath(new URL('../../sample-logs', import.meta.url));

/**
 * How long ago the builds of a copied store began, the newest first: none of them is near the next number
 * that a screen shows.
 */
const HOURS_AGO = [3.5, 36, 12.5 * 24];

/**
 * Copies a recorded store of sample-logs/ into a tree. Its builds always have the ages of
 * HOURS_AGO.
 */
export function copySample(it: Tree, sample: string, store = 'store'): void {
  fs.cpSync(path.join(SAMPLES, sample), it.path(store), { recursive: true });
  const builds = it.path(path.join(store, 'builds'));
  fs.readdirSync(builds)
    .sort()
    .reverse()
    .forEach((id, i) => {
      const journal = path.join(builds, id, 'journal.ndjson');
      const at = Date.now() - (HOURS_AGO[i] ?? assert.fail('more builds than ages')) * 3_600_000;
      const text = fs.readFileSync(journal, 'utf8');
      fs.writeFileSync(journal, text.replace(/"at":\d+/, `"at":${Math.floor(at)}`));
    });
}

/** The keys that type a text. */
export const typed = (text: string): string[] => text.split('').map((one) => (one === ' ' ? 'space' : one));

/** A row of the screen. */
export interface ScreenRow {
  readonly text: string;
  readonly spans: readonly Span[];
}

export type PaneName = 'builds' | 'jobs' | 'log';

/** tmux's names of keys that src/tui/keys.ts names differently. */
const TMUX_KEYS: Readonly<Record<string, string>> = {
  down: 'Down',
  up: 'Up',
  left: 'Left',
  right: 'Right',
  space: 'Space',
  pagedown: 'NPage',
  pageup: 'PPage',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  backspace: 'BSpace',
  tab: 'Tab',
  'S-tab': 'BTab',
  escape: 'Escape',
};

/** The styles at the start of titles: that of the focused pane, and that of the others. */
const FOCUSED = '1;7';
const OTHER = '1;4';
/** The terminal's width. */
const COLUMNS = 80;

export class Browser {
  readonly terminal: Screen;
  /** The browser was started and has not ended. */
  running = false;

  constructor(terminal: Screen) {
    this.terminal = terminal;
  }

  /** Starts it with arguments; waits until a build is shown, and a log. */
  async start(args: string): Promise<void> {
    this.terminal.type(`clear; echo before; "$LOGLIN_BIN" tui ${args}`);
    this.running = true;
    await this.shows('jobs and a log', () => this.list('jobs').length > 1 && this.log().length > 0);
  }

  /** Waits for its end. @returns its status. */
  async ended(): Promise<string> {
    const status = await this.terminal.status();
    this.running = false;
    return status;
  }

  /** Quits the browser. */
  async quit(): Promise<void> {
    this.press('q');
    assert.equal(await this.ended(), '0');
  }

  /** Presses keys, as src/tui/keys.ts names them. */
  press(...keys: readonly string[]): void {
    for (const key of keys) this.terminal.key(TMUX_KEYS[key] ?? key);
  }

  /** Waits until the screen shows a text. */
  sees(what: RegExp): Promise<string> {
    return this.terminal.see(what);
  }

  /** Waits until a condition holds. */
  async shows(what: string, condition: () => boolean): Promise<void> {
    await until('', condition, 60_000).catch(() => {
      throw new Error(`waited in vain until the screen shows ${what}:\n${this.terminal.text()}`);
    });
  }

  /** The screen, with its styles: attributes and colours, in the order of their numbers. */
  rows(): ScreenRow[] {
    let style = '';
    return this.terminal
      .colours()
      .split('\n')
      .map((line) => {
        // tmux prints only changes, even from line to line; the dot shows which style is set at the end.
        const spans = parseLine(`\x1b[${style}m${line}.`).map((one) => ({
          text: one.text,
          style: one.style
            .split(';')
            .sort((a, b) => Number(a) - Number(b))
            .join(';'),
        }));
        const last = spans.at(-1)!;
        style = last.style;
        spans[spans.length - 1] = { ...last, text: last.text.slice(0, -1) };
        const text = spans.map((one) => one.text).join('');
        return { text, spans };
      });
  }

  /** The rows below the title of each visible pane, on 80 columns, without trailing blanks. */
  panes(): Partial<Record<PaneName, { readonly title: string; readonly rows: readonly string[] }>> {
    const found: Partial<Record<PaneName, { title: string; rows: string[] }>> = {};
    let rows: string[] | undefined;
    for (const { text, spans } of this.rows().slice(0, -1)) {
      const plain = text.trimEnd();
      if (![FOCUSED, OTHER].includes(spans[0]?.style ?? '')) {
        // The last column of the log is its scrollbar.
        const whole = rows === found.log?.rows && textWidth(plain) === COLUMNS;
        rows?.push(whole ? plain.replace(/.$/u, '').trimEnd() : plain);
        continue;
      }
      rows = [];
      const pane = text.startsWith(' Builds') ? 'builds' : text.startsWith(' Jobs') ? 'jobs' : 'log';
      found[pane] = { title: plain.trimStart(), rows };
    }
    return found;
  }

  /** The title of a pane, without the sign of its job; '' if it is not shown. */
  title(pane: PaneName): string {
    return (this.panes()[pane]?.title ?? '').replace(/^[✓✗●~‖=·?] /, '');
  }

  /** The rows of a list that are not empty. */
  list(pane: 'builds' | 'jobs'): string[] {
    return (this.panes()[pane]?.rows ?? []).filter((row) => row !== '');
  }

  /** The rows of the log pane that are not empty, without its cursor. */
  log(): string[] {
    return (this.panes().log?.rows ?? []).filter((row) => row !== '').map((row) => row.slice(1));
  }

  /** The line under the log's cursor. */
  logCursor(): string {
    return (
      this.panes()
        .log?.rows.find((row) => row.startsWith('▌'))
        ?.slice(1) ?? ''
    );
  }

  /** The focused pane. */
  focus(): PaneName | undefined {
    const title = this.rows()
      .find(({ spans }) => spans[0]?.style === FOCUSED)
      ?.text.trim();
    return (['builds', 'jobs', 'log'] as const).find(
      (pane) => title !== undefined && this.panes()[pane]?.title === title,
    );
  }

  /** The cursor's row in the focused list. */
  selected(): string {
    const row = this.rows().find(
      ({ spans }) =>
        ![FOCUSED, OTHER].includes(spans[0]?.style ?? '') &&
        spans.every(({ text, style }) => text === '' || style.split(';').includes('7')),
    );
    return row?.text.trim() ?? '';
  }

  /** The last row of the screen. */
  bottom(): string {
    return this.rows().at(-1)?.text.trim() ?? '';
  }
}
