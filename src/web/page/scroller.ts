// A part of a document around what is on the screen. Lines come from the worker as they are needed; the place
// is a line and an offset in it, so that nothing depends on how many lines there are, or how high they are.
// Does not know the DOM.

import type { Engine } from '../engine.ts';
import type { DocumentNumber, DocumentState, Line, Lines, Position } from '../protocol.ts';

/** How many lines are asked for at once, on either side. */
const STEP = 120;
/** So many lines around the screen are kept. */
const KEPT = 240;

export class Scroller {
  readonly #engine: Engine;
  readonly #document: DocumentNumber;
  readonly #changed: () => void;
  #lines: readonly Line[] = [];
  #state: DocumentState;
  /** Index of the first line on the screen, and how much of it is above, in pixels. */
  #top = 0;
  #above = 0;
  #atStart = false;
  #atEnd = false;
  #extending: Promise<void> | undefined;
  #pattern = '';
  /** Grows by 1 with each replacement of the lines: answers to older questions are not for these. */
  #version = 0;

  /** @param changed called when lines or place have changed. */
  constructor(engine: Engine, state: DocumentState, changed: () => void) {
    this.#engine = engine;
    this.#document = state.document;
    this.#state = state;
    this.#changed = changed;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  get state(): DocumentState {
    return this.#state;
  }

  set state(state: DocumentState) {
    this.#state = state;
    this.#changed();
  }

  get top(): number {
    return this.#top;
  }

  get above(): number {
    return this.#above;
  }

  /** The last line is among those that are here. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  get pattern(): string {
    return this.#pattern;
  }

  /** Marks what matches a pattern; '' ends that. */
  async mark(pattern: string): Promise<void> {
    if (pattern === this.#pattern) return;
    this.#pattern = pattern;
    await this.reload();
  }

  /** Reads the lines again that are here: their marks or numbers may have changed, or there are more. */
  async reload(): Promise<void> {
    const line = this.#lines[this.#top];
    if (line) await this.#jump({ offset: line.offset }, this.#above);
  }

  /** Goes to a position. @param before how many lines to show above it. */
  async jump(position: Position, before = 0): Promise<Line | undefined> {
    return this.#jump(position, 0, before);
  }

  async #jump(position: Position, above: number, before = 0): Promise<Line | undefined> {
    const version = ++this.#version;
    const answer = await this.#ask(position, STEP, STEP, 'jump');
    if (version !== this.#version) return undefined;
    this.#extending = undefined;
    this.#take(answer);
    this.#lines = answer.list;
    this.#atStart = answer.at < STEP;
    this.#atEnd = answer.list.length - answer.at < STEP;
    this.#top = Math.max(0, Math.min(answer.at, answer.list.length - 1) - before);
    this.#above = above;
    this.#changed();
    return answer.list[answer.at];
  }

  #ask(position: Position, before: number, after: number, lane: string): Promise<Lines> {
    return this.#engine.ask(
      'lines',
      {
        document: this.#document,
        position,
        before,
        after,
        ...(this.#pattern !== '' && { pattern: this.#pattern }),
      },
      `${lane} ${this.#document}`,
    );
  }

  #take(answer: Lines): void {
    const { list: _list, at: _at, ...state } = answer;
    this.#state = state;
  }

  /**
   * Moves by pixels.
   * @param height of a line, by its index, in pixels.
   * @param screen how high the screen is.
   */
  scroll(by: number, height: (index: number) => number, screen: number): void {
    let top = this.#top;
    let above = this.#above + by;
    while (above < 0 && top > 0) above += height(--top);
    above = Math.max(0, above);
    while (top < this.#lines.length - 1 && above >= height(top)) above -= height(top++);
    this.#top = top;
    this.#above = above;
    this.settle(height, screen);
    this.#changed();
  }

  /** Nothing below the end of the document is shown, if there is enough above. */
  settle(height: (index: number) => number, screen: number): void {
    if (this.#atEnd) {
      let below = -this.#above;
      for (let i = this.#top; i < this.#lines.length && below < screen; i++) below += height(i);
      let missing = screen - below;
      if (missing > 0) {
        missing -= this.#above;
        this.#above = 0;
        while (missing > 0 && this.#top > 0) missing -= height(--this.#top);
        if (missing < 0) this.#above = -missing;
      }
    }
    void this.extend();
  }

  /** Fetches lines that will be needed soon. */
  extend(): Promise<void> {
    this.#extending ??= this.#extend().finally(() => (this.#extending = undefined));
    return this.#extending;
  }

  async #extend(): Promise<void> {
    const version = this.#version;
    const first = this.#lines[0];
    const last = this.#lines.at(-1);
    if (!first || !last) return;
    if (!this.#atEnd && this.#lines.length - this.#top < STEP) {
      const { list } = await this.#more({ offset: last.next }, 0, STEP);
      if (version !== this.#version) return;
      const more = list.filter(({ offset }) => offset >= last.next);
      this.#atEnd = more.length < STEP;
      const dropped = Math.max(0, this.#top - KEPT);
      this.#lines = [...this.#lines.slice(dropped), ...more];
      this.#top -= dropped;
      if (dropped > 0) this.#atStart = false;
      this.#changed();
    } else if (!this.#atStart && this.#top < STEP / 2) {
      const { list } = await this.#more({ offset: first.offset }, STEP, 0);
      if (version !== this.#version) return;
      const more = list.filter(({ offset }) => offset < first.offset);
      this.#atStart = more.length < STEP;
      const kept = this.#lines.slice(0, this.#top + KEPT);
      if (kept.length < this.#lines.length) this.#atEnd = false;
      this.#lines = [...more, ...kept];
      this.#top += more.length;
      this.#changed();
    }
  }

  async #more(position: Position, before: number, after: number): Promise<Lines> {
    const answer = await this.#ask(position, before, after, 'more');
    this.#take(answer);
    return answer;
  }
}
