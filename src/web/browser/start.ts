// Starts the worker, from what the page has in itself or from the server that it came from, and hands it the
// build that is in the page.

import { Engine, type Port } from '../engine.ts';

/** The elements that hold parts of the build, gzip in base64. */
const PIECES = 'script[type="application/loglin"]';
/** The element that holds the worker's script, packed likewise, in a page that is one file. */
const WORKER = 'script[type="application/loglin-worker"]';

/** What a page has that lies beside shared builds. */
const SHARED = 'meta[name="loglin-builds"][content="shared"]';

/** @returns the engine. It answers once the build has been read. */
export function startEngine(): Engine {
  const script = document.querySelector(WORKER)?.textContent;
  if (script === undefined) {
    const source = document.querySelector(SHARED) ? 'shared' : 'http';
    const base = new URL('.', document.baseURI).href;
    return new Engine(new Worker(new URL('worker.js', document.baseURI)), { source, base });
  }
  const engine = new Engine(new PackedWorker(script), { source: 'embedded' });
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

/** A worker whose script is unpacked first. What it is told meanwhile waits. */
class PackedWorker implements Port {
  readonly #worker: Promise<Worker>;

  /** @param script gzip in base64. */
  constructor(script: string) {
    this.#worker = started(script);
  }

  postMessage(message: Parameters<Port['postMessage']>[0]): void {
    void this.#worker.then((worker) => {
      worker.postMessage(message);
    });
  }

  addEventListener(...[type, listener]: Parameters<Port['addEventListener']>): void {
    void this.#worker.then((worker) => {
      worker.addEventListener(type, listener);
    });
  }
}

async function started(script: string): Promise<Worker> {
  const packed = Uint8Array.from(atob(script), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const text = await new Response(unpacked).arrayBuffer();
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}
