// Opens the browser for the commands that need it.

import v8 from 'node:v8';
import type { Place } from '../store/place.ts';
import type { LiveBuild } from '../view/growingbuild.ts';
import type { Style } from '../render/renderers.ts';
import { userPatterns } from '../view/userpatterns.ts';
import { App, type ExitReason } from './app.ts';
import { coloursOf } from './text/paint.ts';

/** An open browser. */
export interface Browser {
  /** Settles when the browser ends; rejected if it fails. */
  readonly exited: Promise<ExitReason>;
  /** The id of the open build if it has ended while it was looked at. */
  readonly watched: string | undefined;
  /** Whether another program has the terminal: its Ctrl-C is not the browser's. */
  readonly lent: boolean;
  /** The build that runs in this process has changed. */
  changed(): void;
  /** The build that runs in this process has ended. */
  ended(): void;
  /** Shows the user a line. */
  notify(text: string): void;
  /** Leaves the browser as if the user had done so. */
  leave(how: ExitReason): void;
}

/**
 * Opens the browser on stdin and stdout, which must be a terminal.
 * @param build the build to show; undefined: the last one.
 * @param warn receives messages until the browser has the terminal.
 */
export function browse(
  place: Place,
  build: string | LiveBuild | undefined,
  { colour, ascii }: Style,
  warn: (text: string) => void,
): Browser {
  const { stdin, stdout, env } = process;
  // By default, reading a build of 100,000 jobs would leave twice its size behind as garbage.
  v8.setFlagsFromString('--heap-growing-percent=10');
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  let say = warn;
  const { patterns, errors } = userPatterns(place, (text) => {
    say(text);
  });
  for (const error of errors) warn(error);
  const app = new App({ place, build, colours: colour ? coloursOf(env) : 0, ascii, patterns }, stdin, stdout);
  say = (text) => {
    app.notify(text);
  };
  // Whatever happens, the terminal is given back first, and the running build goes on.
  const fail = (error: unknown): void => {
    app.fail(error);
  };
  process.on('uncaughtException', fail);
  const over = (): void => {
    process.removeListener('uncaughtException', fail);
  };
  app.exited.then(over, over);
  app.start();
  return {
    exited: app.exited,
    get watched() {
      return app.watched;
    },
    get lent() {
      return app.lent;
    },
    changed: () => {
      app.changed();
    },
    ended: () => {
      app.ended();
    },
    notify: (text) => {
      app.notify(text);
    },
    leave: (how) => {
      app.leave(how);
    },
  };
}
