// `loglin --tui make`: records a build while the browser shows it. When the user leaves the browser, the
// build goes on in plain output, or is stopped.

import type { Outcome, Session } from '../capture/session.ts';
import type { Place } from '../store/place.ts';
import type { Style } from '../render/renderers.ts';
import type { Running } from './livedisplay.ts';
import { errorText, warn, warnAll } from './stderr.ts';

/** What happened. */
export type Under =
  /** The build has ended, and the user has left the browser, unless its terminal has gone. */
  | { readonly ended: Outcome; readonly visible: boolean }
  /** The build goes on: the function takes the observer from here on. */
  | { readonly detached: Running };

/**
 * Runs a session under the browser.
 * @param run runs the session.
 * @throws Failure if the browser cannot be opened; then the session was not started.
 */
export async function runUnderBrowser(
  session: Session,
  run: Running,
  place: Place,
  style: Style,
): Promise<Under> {
  const { browse } = await import('../tui/main.ts');
  const browser = browse(place, session, style, warn);
  let display: Parameters<Running>[0] | undefined;
  /** Output that could not be split, kept until it can be printed. */
  let unsplit: Buffer[] = [];
  /** Kept to be printed later: the browser shows a message only until the next key. */
  const warnings: string[] = [];
  const outcome = run({
    changed: () => {
      if (display) display.changed();
      else browser.changed();
    },
    unsplit: (bytes) => {
      if (display) return display.unsplit(bytes);
      if (bytes.length > 0) unsplit.push(bytes);
      // The browser shows only what is recorded.
      browser.leave('detach');
      return false;
    },
    warn: (text) => {
      if (display) {
        display.warn(text);
        return;
      }
      browser.notify(text);
      warnings.push(text);
    },
  });
  const over = (): void => {
    browser.ended();
  };
  outcome.then(over, over);
  const gone = (): void => {
    browser.leave('gone');
  };
  // The session passes them on to the command.
  for (const signal of SIGNALS) process.on(signal, gone);
  let failure: string | undefined;
  const left = await browser.exited.catch((error: unknown) => {
    failure = errorText(error);
    return 'detach' as const;
  });
  for (const signal of SIGNALS) process.removeListener(signal, gone);
  if (left === 'detach')
    return {
      detached: (observer) => {
        display = observer;
        for (const text of warnings) observer.warn(text);
        if (failure !== undefined)
          observer.warn(`the browser has failed; its build goes on here: ${failure}`);
        for (const bytes of unsplit) observer.unsplit(bytes);
        unsplit = [];
        observer.changed();
        return outcome;
      },
    };
  const ended = left === 'stop' ? await stopped(session, outcome) : await outcome;
  warnAll(warnings);
  return { ended, visible: left !== 'gone' };
}

async function stopped(session: Session, outcome: Promise<Outcome>): Promise<Outcome> {
  session.interrupt();
  const patience = setTimeout(() => {
    warn('waits for the build to end');
  }, PATIENCE_MS);
  try {
    return await outcome;
  } finally {
    clearTimeout(patience);
  }
}

/** If a build takes longer to stop, a message says that we are waiting. */
const PATIENCE_MS = 1000;
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;
