// One client's stream of events (Server-Sent Events, as HTML's EventSource reads them). A client that does
// not read gets nothing more until it does: whoever sends asks `ready`, and then sends the latest state. So a
// slow client costs no memory.

import type { Response } from './answer.ts';

/** Without events, a comment is sent so often: proxies and clients then know that the server is there. */
const HEARTBEAT_MS = 15_000;
/** So long a browser waits before it connects again. */
const RETRY_MS = 1000;

export class EventStream {
  readonly #response: Response;
  readonly #heartbeat: NodeJS.Timeout;
  #ready = true;

  /** @param left called once when the client has gone, or the stream was ended. */
  constructor(response: Response, left: () => void) {
    this.#response = response;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no',
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.#heartbeat = setInterval(() => {
      if (this.#ready) this.#write(': still here\n\n');
    }, HEARTBEAT_MS);
    response.once('close', () => {
      clearInterval(this.#heartbeat);
      left();
    });
  }

  /** Whether all that was sent has left. */
  get ready(): boolean {
    return this.#ready;
  }

  /** @param id what `Last-Event-ID` will say when the client connects again. */
  send(data: unknown, id?: string | number): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    this.#ready = this.#response.write(text);
    if (!this.#ready) this.#response.once('drain', () => (this.#ready = true));
  }
}
