// The WebSockets of the feed of changes. What a client sends is not read; one that does not read, or does not
// answer, is cut off. Who may connect has been checked before.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ChangeFeed } from './changefeed.ts';

/** Clients at once. */
const MOST_CLIENTS = 64;
/** A client that has not read so many bytes does not read. */
const MOST_UNREAD = 8 * 1024 * 1024;
/** How often clients are asked whether they are there. */
const PING_MS = 30_000;
/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

export class WebSockets {
  readonly #feed: ChangeFeed;
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 });
  /** Those that have not answered the last ping. */
  readonly #asked = new Set<WebSocket>();
  #timer: NodeJS.Timeout | undefined;

  constructor(feed: ChangeFeed) {
    this.#feed = feed;
  }

  /** Answers a request that asks for a WebSocket. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#add(client);
    });
  }

  close(): void {
    clearInterval(this.#timer);
    for (const client of this.#server.clients) {
      client.close(GOING_AWAY);
      client.terminate();
    }
  }

  #add(client: WebSocket): void {
    // It has broken off, or sent what is no WebSocket's: `close` follows.
    client.on('error', () => undefined);
    if (this.#server.clients.size > MOST_CLIENTS) {
      client.close(TRY_AGAIN_LATER);
      return;
    }
    const leave = this.#feed.add((message) => {
      if (client.bufferedAmount > MOST_UNREAD) client.terminate();
      else client.send(JSON.stringify(message));
    });
    client.on('pong', () => this.#asked.delete(client));
    client.on('close', () => {
      leave();
      this.#asked.delete(client);
      if (this.#server.clients.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    });
    this.#timer ??= setInterval(() => {
      this.#ping();
    }, PING_MS);
  }

  #ping(): void {
    for (const client of this.#server.clients) {
      if (this.#asked.has(client)) client.terminate();
      this.#asked.add(client);
      client.ping();
    }
  }
}
