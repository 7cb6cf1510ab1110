// Hands the build's trace to Perfetto, which takes it from a window that opened it and sends it nowhere:
// https://perfetto.dev/docs/visualization/deep-linking-to-perfetto-ui

import { blobOf, wholeOf } from './clipboard.ts';
import { type Page, messageOf } from './page.ts';

const ORIGIN = 'https://ui.perfetto.dev';
const ASK_MS = 50;
/** A window that does not answer for so long will not. */
const WAIT_MS = 60_000;

export async function openInPerfetto(page: Page): Promise<void> {
  // Opened at once: later the browser would take it for a pop-up that nobody asked for.
  const other = open(ORIGIN);
  if (!other) {
    page.say('The browser did not let the page open a window', true);
    return;
  }
  try {
    const { parts } = await wholeOf((part) => page.engine.ask('trace', { part }));
    const buffer = await blobOf(parts).arrayBuffer();
    const title = page.opened.value?.build.command ?? 'loglin';
    if (await ready(other)) other.postMessage({ perfetto: { buffer, title } }, ORIGIN);
    else page.say('Perfetto did not answer', true);
  } catch (error) {
    page.say(messageOf(error), true);
  }
}

/** Asks the window until it answers. */
function ready(other: Window): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (answer: boolean): void => {
      clearInterval(asking);
      clearTimeout(waiting);
      removeEventListener('message', hear);
      resolve(answer);
    };
    const hear = ({ data, origin, source }: MessageEvent): void => {
      if (origin === ORIGIN && source === other && data === 'PONG') end(true);
    };
    const asking = setInterval(() => {
      if (other.closed) end(false);
      else other.postMessage('PING', ORIGIN);
    }, ASK_MS);
    const waiting = setTimeout(() => end(false), WAIT_MS);
    addEventListener('message', hear);
  });
}
