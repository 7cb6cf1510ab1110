// `loglin --tui make`: a build that is recorded under the browser, until that is left: then the build goes on in plain output, or is stopped.

import type { Observer } from '../capture/recording.ts';
import type { Outcome, Session } from '../capture/session.ts';
import type { Place } from '../store/place.ts';
import type { Style } from '../view/renderers.ts';
import { warn, errorText } from './stderr.ts';

/** How it went on. */
export type Under =
  /** It has ended, and the browser was left. */
  | { readonly ended: Outcome }
  /** It goes on: `run` takes who is to hear of it from now on. */
  | { readonly detached: (observer: Observer) => Promise<Outcome> };

/** Runs a session under the browser. @throws Failure where the browser cannot be opened; the session was not run then. */
export async function runUnderBrowser(session: Session, place: Place, style: Style): Promise<Under> {
  const { id, folder, build, logs } = session;
  const { browse } = await import('../tui/main.ts');
  const browser = browse(place, { id, folder, build, logs }, style, warn);
  let heir: Observer | undefined;
  /** What could not be recorded, until there is somebody to print it. */
  let unsplit: Buffer[] = [];
  /** The browser shows them only until the next key. */
  const warnings: string[] = [];
  const outcome = session.run({
    changed: () => {
      if (heir) heir.changed();
      else browser.changed();
    },
    unsplit: (bytes) => {
      if (heir) return heir.unsplit(bytes);
      if (bytes.length > 0) unsplit.push(bytes);
      // The browser shows only what is recorded.
      browser.leave('detach');
      return false;
    },
    warn: (text) => {
      if (heir) {
        heir.warn(text);
        return;
      }
      browser.say(text);
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
        heir = observer;
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
  for (const text of warnings) warn(text);
  return { ended };
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

/** A build that takes longer to stop is not waited for in silence. */
const PATIENCE_MS = 1000;
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;
