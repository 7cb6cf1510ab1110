// The browser's door, for the commands that open it.

import v8 from 'node:v8';
import { App, type Left } from './app.ts';
import type { Wiring } from './context.ts';
import { coloursOf } from './text/paint.ts';

export type { Left } from './app.ts';
export type { Comparing, Wiring } from './context.ts';
export type { LiveBuild, Opened } from './opened.ts';

/** A browser that is open. */
export interface Browser {
  /** How it was left, once it is; rejected where it has failed. */
  readonly left: Promise<Left>;
  /** Another program has the terminal: its Ctrl-C is not the browser's. */
  readonly lent: boolean;
  /** The build that runs in this process has changed. */
  changed(): void;
  /** It has ended. */
  ended(): void;
  /** A line for the user. */
  say(text: string): void;
  /** Leaves it, as if the user had. */
  leave(how: Left): void;
}

/** Opens the browser on stdin and stdout, which are a terminal. */
export function browse(wiring: Omit<Wiring, 'colours'> & { readonly colour: boolean }): Browser {
  const { stdin, stdout, env } = process;
  // A build of 100,000 jobs would else leave twice its size behind as garbage.
  v8.setFlagsFromString('--heap-growing-percent=10');
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  const app = new App({ ...wiring, colours: wiring.colour ? coloursOf(env) : 0 }, stdin, stdout);
  // Whatever happens, the terminal is given back first, and what runs below goes on.
  const fail = (error: unknown): void => {
    app.fail(error);
  };
  process.on('uncaughtException', fail);
  const over = (): void => {
    process.removeListener('uncaughtException', fail);
  };
  app.left.then(over, over);
  app.start();
  return {
    left: app.left,
    get lent() {
      return app.lent;
    },
    changed: () => {
      app.changed();
    },
    ended: () => {
      app.ended();
    },
    say: (text) => {
      app.say(text);
    },
    leave: (how) => {
      app.leave(how);
    },
  };
}
