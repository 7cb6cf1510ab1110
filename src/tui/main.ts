// The browser's door: refuses what is no terminal, takes the terminal, and gives it back whatever happens.

import { Failure } from '../model/failure.ts';
import { App, type Left, type Wiring } from './app.ts';
import { coloursOf } from './text/paint.ts';

export type { Left, Wiring } from './app.ts';
export type { LiveBuild, Opened } from './opened.ts';

/** A browser that is open. */
export interface Browser {
  /** How it was left, once it is. */
  readonly left: Promise<Left>;
  /** The build that runs in this process has changed. */
  changed(): void;
  /** It has ended. */
  ended(): void;
  /** A line for the user. */
  say(text: string): void;
}

/**
 * Opens the browser on stdin and stdout.
 * @throws Failure where they are no terminal that can show it.
 */
export function browse(wiring: Omit<Wiring, 'colours'> & { readonly colour: boolean }): Browser {
  const { stdin, stdout, env } = process;
  if (!stdin.isTTY || !stdout.isTTY)
    throw new Failure('tui: stdin and stdout must be a terminal; without one: loglin show');
  const term = env.TERM ?? '';
  if (term === '' || term === 'dumb' || term === 'unknown')
    throw new Failure(`tui: TERM=${term}: this terminal cannot show it; without it: loglin show`);
  const app = new App({ ...wiring, colours: wiring.colour ? coloursOf(env) : 0 }, stdin, stdout);
  app.start();
  return {
    left: app.left,
    changed: () => {
      app.changed();
    },
    ended: () => {
      app.ended();
    },
    say: (text) => {
      app.say(text);
    },
  };
}
