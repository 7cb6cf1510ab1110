// The terminal: keys and mouse events come from it, and bytes go to it. It is restored whatever happens. This
// is the only file that imports blessed. It uses the Program but no widgets, which repaint too much and take
// wide characters for narrow ones (docs/design-notes.md).

import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import colors from 'blessed/lib/colors.js';
import Program from 'blessed/lib/program.js';
import type { Mouse } from './keys.ts';
import { MouseInput } from './mouseinput.ts';
import { modes, setModes } from './terminal.ts';
import type { Reduce } from './text/paint.ts';

/** Receives the screen's events. */
export interface ScreenListener {
  /** @param typed the characters, if the key stands for some. */
  key(name: string, typed: string): void;
  mouse(mouse: Mouse): void;
  /** The size has changed, or everything must be drawn again. */
  redraw(): void;
  /** The terminal has disappeared. */
  gone(): void;
}

export const reduce: Reduce = {
  indexed: (index, total) => colors.reduce(index, total),
  rgb: (r, g, b) => colors.match(r, g, b),
};

const MOUSE_OFF = '\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l';
/**
 * Switches to the alternate screen without a cursor, in which the terminal cuts lines that are too long. Also
 * resets what a killed program may have left behind: another character set, a scrolling region, insert mode,
 * origin mode, application cursor keys, bracketed paste, the mouse.
 */
const ENTER = `\x1b[?1049h\x1b[?25l\x1b[?7l\x1b(B\x0f\x1b[r\x1b[4l\x1b[?6l\x1b[?1l\x1b>\x1b[?2004l${MOUSE_OFF}`;
/**
 * Turns attributes off, returns the mouse to the terminal and shows the cursor. The screen is cleared, in
 * case there is no other one to return to.
 */
const LEAVE = `\x1b[0m${MOUSE_OFF}\x1b[2J\x1b[H\x1b[?7h\x1b[?1049l\x1b[?25h`;

/** A terminal's stream. */
export type Output = NodeJS.WriteStream & { readonly fd: number };

export class Screen {
  readonly #input: NodeJS.ReadStream;
  readonly #output: Output;
  readonly #listener: ScreenListener;
  readonly #program: Program;
  /** The input without the mouse. */
  readonly #keys = Object.assign(new EventEmitter(), { resume: () => undefined, pause: () => undefined });
  readonly #mouseInput = new MouseInput();
  #entered = false;
  #mouse = false;
  /** Restores the terminal synchronously, also while the process ends. */
  readonly #restore = (): void => {
    if (!this.#entered) return;
    try {
      fs.writeSync(this.#output.fd, LEAVE);
    } catch {
      // The terminal has disappeared.
    }
  };
  readonly #arrived = (bytes: Buffer): void => {
    for (const part of this.#mouseInput.push(bytes.toString('latin1'))) {
      if (typeof part === 'string') this.#keys.emit('data', Buffer.from(part, 'latin1'));
      else if (this.#entered && this.#mouse) this.#listener.mouse(part);
    }
  };
  readonly #stopped = (): void => {
    this.leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  readonly #continued = (): void => {
    if (this.#lending) return;
    // The process was stopped by a signal that cannot be caught. Whoever had the terminal meanwhile has set
    // its modes for itself.
    if (this.#entered) this.#raw(false);
    this.#entered = false;
    this.enter();
    this.#listener.redraw();
  };
  /** Set while another program has the terminal: the terminal's previous modes, in stty's format. */
  #lending: { readonly modes: string | undefined } | undefined;

  constructor(input: NodeJS.ReadStream, output: Output, listener: ScreenListener) {
    this.#input = input;
    this.#output = output;
    this.#listener = listener;
    // blessed would otherwise start a process to ask tmux for its version.
    const { TMUX: tmux } = process.env;
    delete process.env.TMUX;
    this.#program = new Program({ input: this.#keys, output, terminal: 'xterm-256color', tput: false });
    if (tmux !== undefined) process.env.TMUX = tmux;
    this.#program.on('keypress', (typed, key) => {
      if (!this.#entered) return;
      const second = afterEscape(key);
      if (second !== undefined) {
        listener.key('escape', '');
        listener.key(second, second);
        return;
      }
      const name = nameOf(typed, key);
      if (name !== undefined) listener.key(name.key, name.typed);
    });
    this.#program.on('resize', () => {
      listener.redraw();
    });
    input.on('data', this.#arrived);
    process.on('exit', this.#restore);
    process.on('SIGTSTP', this.#stopped);
    process.on('SIGCONT', this.#continued);
    input.on('end', () => {
      listener.gone();
    });
    for (const stream of [input, output])
      stream.on('error', () => {
        listener.gone();
      });
  }

  get size(): { readonly width: number; readonly height: number } {
    return { width: this.#output.columns || 80, height: this.#output.rows || 24 };
  }

  /** Whether another program has the terminal. */
  get lent(): boolean {
    return this.#lending !== undefined;
  }

  /** Takes the terminal. */
  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    if (this.#lending?.modes !== undefined) setModes(this.#lending.modes);
    this.#lending = undefined;
    this.#raw(true);
    this.#input.resume();
    this.#output.write(ENTER);
    if (this.#mouse) this.#setMouse(true);
  }

  /** Restores the terminal. */
  leave(): void {
    if (!this.#entered) return;
    this.#restore();
    this.#entered = false;
    this.#raw(false);
    this.#input.pause();
  }

  /** Gives the terminal to another program until `enter`. */
  lend(): void {
    this.leave();
    // The program may be killed, and leave other modes behind.
    this.#lending = { modes: modes() };
  }

  /** Closes the screen for good. */
  close(): void {
    this.leave();
    this.#input.removeListener('data', this.#arrived);
    this.#input.pause();
    process.removeListener('exit', this.#restore);
    process.removeListener('SIGTSTP', this.#stopped);
    process.removeListener('SIGCONT', this.#continued);
    this.#program.destroy();
  }

  write(bytes: string): void {
    if (this.#entered) this.#output.write(bytes);
  }

  /** Stops this process and its group, as Ctrl-Z does when it is not a key. */
  suspend(): void {
    process.kill(0, 'SIGTSTP');
  }

  mouse(on: boolean): void {
    this.#mouse = on;
    this.#setMouse(on);
  }

  #setMouse(on: boolean): void {
    this.#program.setMouse({ vt200Mouse: on, sgrMouse: on }, on);
  }

  #raw(on: boolean): void {
    try {
      this.#input.setRawMode(on);
    } catch {
      // The terminal has disappeared.
    }
  }
}

interface Typed {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly shift?: boolean;
  readonly meta?: boolean;
}

/**
 * When Escape and a key arrive together, over a slow line, blessed reports them as that key with Alt. This
 * program has no Alt keys.
 */
function afterEscape(key: Typed | undefined): string | undefined {
  const { name = '', meta, ctrl, shift } = key ?? {};
  if (!meta || ctrl || !/^[a-z0-9]$/.test(name)) return undefined;
  // Escape and O may begin a function key.
  if (shift && name === 'o') return undefined;
  return shift ? name.toUpperCase() : name;
}

/** Returns a key's name in keys.ts. */
function nameOf(
  typed: string | undefined,
  key: Typed | undefined,
): { key: string; typed: string } | undefined {
  const name = key?.name;
  // blessed reports a carriage return twice.
  if (name === 'return') return undefined;
  if (name === 'linefeed' || name === 'enter') return { key: 'enter', typed: '' };
  const printable = typed !== undefined && !key?.ctrl && !key?.meta && !/^[\x00-\x1f\x7f]/.test(typed);
  if (printable) return { key: typed === ' ' ? 'space' : typed, typed };
  if (name === undefined) return undefined;
  return { key: `${key?.ctrl ? 'C-' : ''}${key?.shift ? 'S-' : ''}${name}`, typed: '' };
}
