// Draws the screen: once for all changes, and not while another program has the terminal.

import type { Context } from './context.ts';
import { MESSAGE_MS, isBrief } from './message.ts';
import { resized } from './panesize.ts';
import { type Output, Screen, type ScreenListener, reduce } from './screen.ts';
import { Painter } from './text/paint.ts';
import { frame } from './views/frame.ts';

export class Display {
  readonly screen: Screen;
  readonly #context: Context;
  readonly #painter: Painter;
  readonly #update: () => void;
  #scheduled = false;
  #closed = false;
  /** The message that is shown, and the timer that takes it away. */
  #messages = 0;
  #expiry: NodeJS.Timeout | undefined;

  /** @param update brings the state up to date before drawing. */
  constructor(
    context: Context,
    input: NodeJS.ReadStream,
    output: Output,
    listener: Omit<ScreenListener, 'redraw'>,
    update: () => void,
  ) {
    this.#context = context;
    this.#update = update;
    this.#painter = new Painter(context.wiring.colours, reduce);
    this.screen = new Screen(input, output, {
      ...listener,
      redraw: () => {
        this.redraw();
      },
    });
  }

  /** Draws soon, once for all changes until then. */
  schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.draw();
    });
  }

  draw(): void {
    this.#update();
    const { state, wiring } = this.#context;
    const bytes = this.#painter.paint(frame(state, wiring.colours !== 0));
    if (bytes !== '') this.screen.write(bytes);
    this.#expire();
  }

  /** Takes a short message away after a while. */
  #expire(): void {
    const { state } = this.#context;
    if (state.messages === this.#messages) return;
    this.#messages = state.messages;
    clearTimeout(this.#expiry);
    if (state.message === '' || !isBrief(state.message, state.width)) return;
    this.#expiry = setTimeout(() => {
      state.message = '';
      this.schedule();
    }, MESSAGE_MS);
  }

  /** Draws everything again, in the terminal's current size. */
  redraw(): void {
    const { state } = this.#context;
    this.#painter.forget();
    this.screen.write('\x1b[2J');
    Object.assign(state, this.screen.size);
    resized(state);
    this.draw();
  }

  /**
   * Gives the terminal to a program until it ends. @param run returns an error message if the program failed.
   */
  async lend(run: () => Promise<string | undefined>): Promise<void> {
    this.screen.lend();
    const failure = await run();
    if (this.#closed) return;
    this.screen.enter();
    if (failure !== undefined) this.#context.state.message = failure;
    this.redraw();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#expiry);
    this.screen.close();
  }
}
