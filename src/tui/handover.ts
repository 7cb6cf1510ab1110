// Hands text to other programs: the log pane's text to the pager or to a file, a place in a source file to
// the editor, the build to the web browser. Knows when another program has the terminal.

import fs from 'node:fs';
import path from 'node:path';
import stripAnsi from 'strip-ansi';
import { reason } from '../model/failure.ts';
import { leadsOut } from '../model/leadsout.ts';
import type { Sliced } from '../model/sliced.ts';
import { openInBrowser } from '../play/webbrowser.ts';
import { announcedPage } from '../store/announced.ts';
import { OutputFile } from '../store/outputfile.ts';
import type { Context } from './context.ts';
import type { LinkTarget } from '../documents/document.ts';
import { edit, editorCommand, page } from './programs.ts';
import type { Task } from './task.ts';
import { pagerCommand } from '../play/pager.ts';

/** How much text is handed over at a time, in characters. */
const CHUNK = 256 * 1024;

/** Gives the terminal to a program until it ends. `run` returns an error message if the program failed. */
export type Lend = (run: () => Promise<string | undefined>) => Promise<void>;

export class Handover {
  readonly #context: Context;
  readonly #task: Task;
  readonly #lend: Lend;

  constructor(context: Context, task: Task, lend: Lend) {
    this.#context = context;
    this.#task = task;
    this.#lend = lend;
  }

  /** Shows the log pane's text in the pager. */
  async pager(): Promise<void> {
    const { state, wiring } = this.#context;
    const text = this.#reader(wiring.colours !== 0);
    await this.#lend(() => page(pagerCommand(process.env) ?? 'less', text, state.wrapping));
  }

  /** Opens a place in a source file in the editor. */
  async edit({ file, line, column }: LinkTarget): Promise<void> {
    if (file === undefined) return;
    const { state, wiring, changed } = this.#context;
    const whole = path.resolve(wiring.place.root, file);
    const stat = fs.statSync(whole, { throwIfNoEntry: false });
    if (!stat?.isFile()) {
      state.message = `${file}: ${stat ? 'not a file' : 'no such file'}`;
      changed();
      return;
    }
    const name = shortName(whole);
    await this.#lend(() => edit(editorCommand(process.env, name, line, column), state.wrapping));
  }

  /** Opens the build in the web browser. A server, which may be in use elsewhere, is not started for that. */
  page(): void {
    const { state, wiring, changed } = this.#context;
    const url = announcedPage(fs.realpathSync(wiring.place.store));
    const id = state.open?.id;
    if (url === undefined) state.message = 'no page is served; in another terminal: loglin serve';
    else {
      state.message = 'opened in the web browser';
      openInBrowser(id === undefined ? url : `${url}#b/${id}`, (message) => {
        state.message = message;
        changed();
      });
    }
  }

  /** Writes the log pane's text to a file. An existing file is overwritten only after a question. */
  save(file: string, overwrite: boolean): void {
    const state = this.#context.state;
    try {
      const output = new OutputFile(file, { mode: 0o666, fresh: !overwrite, hasty: true });
      const next = this.#reader(false);
      const task = (function* (): Sliced<void> {
        let bytes = 0;
        // The outcome unless the task gets to its end.
        let outcome = 'given up';
        try {
          for (let text = next(); text !== undefined; text = next()) {
            for (let piece = Buffer.from(text); piece.length > 0;) {
              // The reader of a pipe may need time.
              const taken = output.write(piece);
              piece = piece.subarray(taken);
              bytes += taken;
              state.working = `${file}: ${bytes} bytes...`;
              yield;
            }
          }
          output.commit();
          outcome = '';
        } catch (error) {
          outcome = reason(error);
        } finally {
          if (outcome !== '') output.abandon();
          const done = outcome === '' || output.inPlace ? `${bytes} bytes written` : 'not written';
          state.message = `${file}: ${outcome === '' ? '' : `${outcome}; `}${done}`;
        }
      })();
      // A task that is cancelled before its first step would not clean up.
      if (!task.next().done) this.#task.begin(task);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        state.question = { kind: 'overwrite', text: `${file} is there: overwrite it? y/n`, file };
      else state.message = `${file}: ${reason(error)}`;
    }
  }

  /** Returns the log pane's text, piece by piece. */
  #reader(colour: boolean): () => string | undefined {
    const { document } = this.#context.state.log.shown;
    let at = 0;
    return () => {
      let text = '';
      for (; text.length < CHUNK;) {
        const line = document.at(at);
        if (!line) break;
        text += `${colour ? line.text : stripAnsi(line.text)}${colour && line.text.includes('\x1b') ? '\x1b[0m' : ''}\n`;
        at = line.next;
      }
      return text === '' ? undefined : text;
    };
  }
}

/**
 * Returns a file's name relative to the current folder, if it is below it, since editors display it. The name
 * never looks like an option or a command of the editor.
 */
function shortName(file: string): string {
  try {
    const shown = path.relative(process.cwd(), file);
    if (leadsOut(shown)) return file;
    return /^[\w.]/.test(shown) ? shown : `./${shown}`;
  } catch {
    // The current folder was removed.
    return file;
  }
}
