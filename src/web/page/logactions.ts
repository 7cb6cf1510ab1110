// What one does with a document: moves, searches, follows, copies. Knows where lines are on the screen as far
// as it was told (`place`), and draws nothing.

import type { DocumentState, Line, Matches, Position } from '../protocol.ts';
import { blobOf, copyText, saveAs, wholeOf } from './clipboard.ts';
import type { Action } from './keys.ts';
import { type Page, type Shown, messageOf } from './page.ts';
import { type LineRange, isJobRoute } from './router.ts';
import { Scroller } from './scroller.ts';
import { textOf } from './textspans.ts';

/** Lines that stay above one that was jumped to. */
const CONTEXT = 5;
const SIDEWAYS = 96;
/** The scrollbar's parts that are told apart. */
const PARTS = 500;
/** A clipboard is not for more. */
const MOST_COPIED = 64 << 20;

export class LogActions {
  readonly scroller: Scroller;
  readonly page: Page;
  /** The offset of the line under the cursor. */
  cursor: number | undefined;
  ticks: Uint8Array | undefined;
  matches: Matches | undefined;
  rowHeight = 20;
  following: boolean;
  /** The first lines are there. */
  loaded = false;
  /** What is wrong with the pattern. */
  badPattern: string | undefined;

  readonly #draw: () => void;
  readonly #heights = new Map<number, number>();
  /** The offsets of long lines that are drawn as a whole. */
  readonly #whole = new Set<number>();
  #asked: Shown['asked'];
  #lines: LineRange | undefined;
  #screen: HTMLElement | undefined;
  #wrap = false;
  #width = 0;
  #restart = 0;

  /** @param draw called when something has changed that is shown. */
  constructor(page: Page, state: DocumentState, shown: Shown, draw: () => void) {
    this.page = page;
    this.#asked = shown.asked;
    this.#draw = draw;
    this.scroller = new Scroller(page.engine, state, draw);
    this.following = state.grows;
  }

  /** Listens to keys and to the worker. @returns what ends that. */
  start(): () => void {
    const { engine } = this.page;
    const { document } = this.scroller.state;
    const ends = [
      this.page.handle('main', (action) => this.act(action)),
      engine.on('document', (state) => {
        if (state.document !== document) return;
        const counted = this.scroller.state.lines === undefined && state.lines !== undefined;
        this.scroller.state = state;
        if (counted) void this.#reload();
      }),
      engine.on('matches', (matches) => {
        if (matches.document === document && matches.pattern === this.scroller.pattern)
          this.#counted(matches);
      }),
      this.page.growth.listen(() => void this.#grown()),
      () => {
        void engine.ask('close', { document });
      },
    ];
    void this.#mark();
    return () => ends.forEach((end) => end());
  }

  // -- places ----------------------------------------------------------------------------------------------

  /** Goes where a link leads, or where the document begins. */
  goTo({ asked, position, lines }: Shown): void {
    this.#asked = asked;
    this.#lines = lines;
    void this.#begin(position);
  }

  async #begin(position: Position | undefined): Promise<void> {
    const { startAt, grows } = this.scroller.state;
    try {
      if (position) {
        this.following = false;
        const line = await this.scroller.jump(position, CONTEXT);
        this.cursor = line?.offset;
      } else if (grows && this.following) await this.scroller.jump({ end: true });
      else if (startAt) {
        const line = await this.scroller.jump({ offset: startAt }, CONTEXT);
        this.cursor = line?.offset;
      } else await this.scroller.jump({ offset: 0 });
    } catch (error) {
      this.page.say(messageOf(error), true);
    }
    this.loaded = true;
    this.#draw();
  }

  async #grown(): Promise<void> {
    if (!this.scroller.state.grows) return;
    await this.#reload(this.following);
    // The marks cost more than the lines; a build that grows each moment is not to be marked each moment.
    this.#restart ||= window.setTimeout(() => {
      this.#restart = 0;
      void this.#mark();
    }, 1000);
  }

  /** Asks again for what is shown. If it cannot be had now, what is there stays. */
  async #reload(end = false): Promise<void> {
    try {
      if (end) await this.scroller.jump({ end: true });
      else await this.scroller.reload();
    } catch {
      // The server is away: when it is back, the build grows, or the reader goes elsewhere.
    }
  }

  async #mark(): Promise<void> {
    const { document } = this.scroller.state;
    const { pattern } = this.scroller;
    try {
      const { ticks, errors, warnings } = await this.page.engine.ask(
        'marks',
        { document, parts: PARTS, ...(pattern !== '' && { pattern }) },
        `marks ${document}`,
      );
      this.ticks = ticks;
      // The lines of problems are known now.
      if (errors + warnings > 0) await this.scroller.reload();
      this.#draw();
    } catch {
      // Without ticks, the text is still there.
    }
  }

  readonly #height = (index: number): number =>
    this.#wrap
      ? (this.#heights.get(this.scroller.lines[index]?.offset ?? -1) ?? this.rowHeight)
      : this.rowHeight;

  get #screenHeight(): number {
    return this.#screen?.clientHeight ?? 0;
  }

  /**
   * Puts the lines that were drawn where they belong.
   * @param first index of the first of them.
   */
  place(screen: HTMLElement, rows: HTMLElement, first: number, wrap: boolean): void {
    this.#screen = screen;
    const { scroller } = this;
    if (wrap !== this.#wrap || screen.clientWidth !== this.#width) this.#heights.clear();
    this.#wrap = wrap;
    this.#width = screen.clientWidth;
    const one = rows.firstElementChild as HTMLElement | null;
    if (one && !wrap) this.rowHeight = one.offsetHeight || this.rowHeight;
    if (wrap)
      for (const element of rows.children as unknown as Iterable<HTMLElement>)
        this.#heights.set(Number(element.dataset.offset), element.offsetHeight);
    const { top, above } = scroller;
    scroller.settle(this.#height, screen.clientHeight);
    if (scroller.top !== top || Math.abs(scroller.above - above) > 0.5) this.#draw();
    const at = rows.children[scroller.top - first] as HTMLElement | undefined;
    rows.style.transform = `translateY(${-((at?.offsetTop ?? 0) + scroller.above)}px)`;
  }

  resized(): void {
    this.#draw();
  }

  /** The part of the document that is on the screen, as offsets. */
  visible(height: number): { readonly from: number; readonly to: number } {
    const { lines, top, above } = this.scroller;
    const first = lines[top];
    if (!first) return { from: 0, to: 0 };
    let last = top;
    for (let below = this.#height(top) - above; below < height && last < lines.length - 1;)
      below += this.#height(++last);
    return { from: top === 0 && first.offset === 0 ? 0 : first.offset, to: lines[last]!.next };
  }

  scrollBy(by: number): void {
    if (by < 0) this.following = false;
    this.scroller.scroll(by, this.#height, this.#screenHeight);
  }

  async jumpTo(fraction: number): Promise<void> {
    this.following = false;
    await this.scroller.jump(fraction <= 0 ? { offset: 0 } : fraction >= 1 ? { end: true } : { fraction });
  }

  /** Whether more is below, in a log that grows. */
  get canFollow(): boolean {
    return this.scroller.state.grows && !this.following;
  }

  // -- the cursor ------------------------------------------------------------------------------------------

  setCursor(offset: number | undefined): void {
    this.cursor = offset;
    this.#draw();
  }

  get #cursorIndex(): number {
    return this.scroller.lines.findIndex(({ offset }) => offset === this.cursor);
  }

  get #current(): Line | undefined {
    return this.scroller.lines[this.#cursorIndex];
  }

  #moveCursor(by: number): void {
    const { scroller } = this;
    const at = this.#cursorIndex;
    const index = at === -1 ? scroller.top : at + by;
    const line = scroller.lines[Math.max(0, Math.min(index, scroller.lines.length - 1))];
    if (!line) return;
    if (by < 0) this.following = false;
    this.cursor = line.offset;
    this.#seeCursor();
  }

  /** Scrolls as little as it takes to see the cursor. */
  #seeCursor(): void {
    const { top, above } = this.scroller;
    const index = this.#cursorIndex;
    let y = -above;
    for (let i = top; i < index; i++) y += this.#height(i);
    for (let i = top - 1; i >= index; i--) y -= this.#height(i);
    const below = y + this.#height(index) - this.#screenHeight;
    if (y < 0) this.scrollBy(y);
    else if (below > 0) this.scrollBy(below);
    else this.#draw();
  }

  /** A page, less a line of context. */
  #movePage(direction: 1 | -1): void {
    this.scrollBy(direction * Math.max(this.rowHeight, this.#screenHeight - this.rowHeight));
    const line = this.scroller.lines[this.scroller.top + (this.scroller.above > 0 ? 1 : 0)];
    this.setCursor(line?.offset);
  }

  async #toEnd(): Promise<void> {
    await this.scroller.jump({ end: true });
    this.following = this.scroller.state.grows;
    this.setCursor(this.scroller.lines.at(-1)?.offset);
  }

  async #toStart(): Promise<void> {
    this.following = false;
    const line = await this.scroller.jump({ offset: 0 });
    this.setCursor(line?.offset);
  }

  async #goOffset(offset: number): Promise<void> {
    this.following = false;
    const index = this.scroller.lines.findIndex((line) => line.offset === offset);
    this.cursor = offset;
    if (index === -1) await this.scroller.jump({ offset }, CONTEXT);
    else this.#seeCursor();
    this.#showSideways();
    this.#draw();
  }

  /** Scrolls to the side until the match under the cursor is seen. */
  #showSideways(): void {
    requestAnimationFrame(() => {
      const match = this.#screen?.querySelector('.line.current mark');
      if (!match || !this.#screen) return;
      const { left, right } = match.getBoundingClientRect();
      const { left: from, right: to } = this.#screen.getBoundingClientRect();
      if (left < from + SIDEWAYS || right > to) this.#screen.scrollLeft += left - from - (to - from) / 3;
    });
  }

  // -- finding ---------------------------------------------------------------------------------------------

  /** Marks what fits a pattern, and goes to the first such line from here on. */
  async search(pattern: string): Promise<void> {
    const { scroller, page } = this;
    const { document } = scroller.state;
    this.matches = undefined;
    this.badPattern = undefined;
    try {
      await scroller.mark(pattern);
      void this.#mark();
      if (pattern === '') {
        this.#draw();
        return;
      }
      void page.engine
        .ask('count', { document, pattern, offset: this.cursor ?? 0 }, `count ${document}`)
        .then((matches) => this.#counted(matches));
      const first = scroller.lines[this.#cursorIndex === -1 ? scroller.top : this.#cursorIndex];
      if (first?.matches?.length) await this.#goOffset(first.offset);
      else await this.nextMatch(true);
    } catch (error) {
      this.badPattern = messageOf(error);
      this.#draw();
    }
  }

  #counted(matches: Matches): void {
    if (matches.pattern !== this.scroller.pattern) return;
    this.matches = matches;
    this.#draw();
  }

  async nextMatch(ahead: boolean): Promise<void> {
    const { scroller, page } = this;
    const { document } = scroller.state;
    const { pattern } = scroller;
    if (pattern === '') return;
    const offset = this.cursor ?? scroller.lines[scroller.top]?.offset ?? 0;
    const found = await page.engine.ask('find', { document, pattern, offset, ahead }, `find ${document}`);
    if (!found) {
      page.say('Nothing fits');
      return;
    }
    if (found.again) page.say(ahead ? 'From the start again' : 'From the end again');
    await this.#goOffset(found.offset);
    void page.engine
      .ask('count', { document, pattern, offset: found.offset }, `count ${document}`)
      .then((matches) => this.#counted(matches));
  }

  async nextProblem(ahead: boolean): Promise<void> {
    const { document } = this.scroller.state;
    const offset = this.cursor ?? this.scroller.lines[this.scroller.top]?.offset ?? 0;
    const found = await this.page.engine.ask('problem', { document, offset, ahead }, `find ${document}`);
    if (!found) this.page.say('No errors or warnings here');
    else await this.#goOffset(found.offset);
  }

  // -- links and copies ------------------------------------------------------------------------------------

  isWhole({ offset }: Line): boolean {
    return this.#whole.has(offset);
  }

  /** From now on, all of a line is drawn. */
  showWhole({ offset }: Line): void {
    this.#whole.add(offset);
    this.#draw();
  }

  isLinked({ number }: Line): boolean {
    const lines = this.#lines;
    return lines !== undefined && number !== undefined && number >= lines.from && number <= lines.to;
  }

  /** Makes a line the address, or the lines from the one before to this one. */
  link(number: number, range: boolean): void {
    const first = range && this.#lines ? this.#lines.from : number;
    this.#lines = { from: Math.min(first, number), to: Math.max(first, number) };
    const { build, view } = this.page.route.value;
    if (isJobRoute(view) || view.kind === 'build')
      this.page.note({ build, view: { ...view, lines: this.#lines } });
    this.#draw();
  }

  /** Follows a line to the job that it names or comes from. */
  open({ job, byte, mark }: Line): void {
    if (job === undefined) return;
    const own = 'job' in this.#asked && this.#asked.kind === 'log' && this.#asked.job === job;
    if (own) return;
    void this.page.showJob(job, byte === undefined || mark ? {} : { position: { job, byte } });
  }

  async copy(): Promise<void> {
    const chosen = this.scroller.lines.filter((line) => this.isLinked(line));
    const line = this.#current;
    const lines = chosen.length > 0 ? chosen : line ? [line] : [];
    if (lines.length === 0) {
      await this.copyAll();
      return;
    }
    const text = lines.map(({ spans }) => textOf(spans)).join('\n');
    const done = await copyText(text);
    this.page.say(
      done ? `${lines.length === 1 ? 'The line' : `${lines.length} lines`} copied` : NO_COPY,
      !done,
    );
  }

  async copyAll(): Promise<void> {
    const { document } = this.scroller.state;
    try {
      const { parts, complete } = await wholeOf(
        (from) => this.page.engine.ask('text', { document, from }),
        MOST_COPIED,
      );
      if (!complete) {
        this.page.say('That is too much for the clipboard; D downloads it', true);
        return;
      }
      const done = await copyText(await blobOf(parts).text());
      this.page.say(done ? 'All of it copied' : NO_COPY, !done);
    } catch (error) {
      this.page.say(messageOf(error), true);
    }
  }

  /** The raw log of a job, or the text of what else is shown. */
  async download(): Promise<void> {
    const { document, title } = this.scroller.state;
    const asked = this.#asked;
    try {
      const { parts } = await wholeOf((from) =>
        asked.kind === 'log'
          ? this.page.engine.ask('raw', { job: asked.job, from })
          : this.page.engine.ask('text', { document, from }),
      );
      const name = 'job' in asked ? (this.page.job.value?.name ?? title) : title;
      saveAs(`${name}.log`, parts);
    } catch (error) {
      this.page.say(messageOf(error), true);
    }
  }

  // -- keys ------------------------------------------------------------------------------------------------

  act(action: Action): boolean {
    const act = ACTS[action];
    if (!act) return false;
    const done = act(this);
    if (done instanceof Promise) done.catch((error: unknown) => this.page.say(messageOf(error), true));
    return true;
  }

  static readonly acts: Partial<Record<Action, (log: LogActions) => unknown>> = {
    down: (log) => log.#moveCursor(1),
    up: (log) => log.#moveCursor(-1),
    pageDown: (log) => log.#movePage(1),
    pageUp: (log) => log.#movePage(-1),
    first: (log) => log.#toStart(),
    last: (log) => log.#toEnd(),
    left: (log) => log.#screen?.scrollBy({ left: -SIDEWAYS }),
    right: (log) => log.#screen?.scrollBy({ left: SIDEWAYS }),
    open: (log) => log.#current && log.open(log.#current),
    nextMatch: (log) => log.nextMatch(true),
    previousMatch: (log) => log.nextMatch(false),
    nextFailure: (log) => log.nextProblem(true),
    previousFailure: (log) => log.nextProblem(false),
    copy: (log) => log.copy(),
    download: (log) => log.download(),
    follow: (log) => (log.following ? (log.following = false) : log.#toEnd()),
    find: () => globalThis.document.querySelector<HTMLInputElement>('#find')?.focus(),
  };
}

const ACTS = LogActions.acts;
const NO_COPY = 'The browser does not let the page copy';
