// Starts the worker, from what the page has in itself or from the server that it came from, and hands it the
// build that is in the page.

import { Engine } from '../engine.ts';

/** The elements that hold parts of the build, gzip in base64. */
const PIECES = 'script[type="application/loglin"]';
/** The element that holds the worker's script, in a page that is one file. */
const WORKER = 'script[type="application/loglin-worker"]';

/** @returns the engine. It answers once the build has been read. */
export function startEngine(): Engine {
  const script = document.querySelector(WORKER)?.textContent;
  if (script === undefined)
    return new Engine(new Worker(new URL('worker.js', document.baseURI)), {
      source: 'http',
      base: new URL('.', document.baseURI).href,
    });
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const engine = new Engine(new Worker(url), { source: 'embedded' });
  URL.revokeObjectURL(url);
  const give = (): void => {
    const pieces = [...document.querySelectorAll(PIECES)];
    for (const [i, element] of pieces.entries()) {
      engine.give({ piece: element.textContent.trim(), last: i === pieces.length - 1 });
      element.remove();
    }
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', give);
  else give();
  return engine;
}
