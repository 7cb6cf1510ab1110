// A client of the feed of changes.

import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { until } from './tree.ts';

export type FeedMessage = Readonly<Record<string, unknown>>;

export interface FeedClient {
  readonly messages: FeedMessage[];
  /** The code with which the connection was closed. */
  closed: number | undefined;
  readonly socket: WebSocket;
}

/** Connects. @returns the status of the answer if it is refused. */
export async function connectFeed(
  t: TestContext,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<FeedClient | number> {
  const socket = new WebSocket(url, { headers });
  t.after(() => {
    socket.terminate();
  });
  const client: FeedClient = { messages: [], closed: undefined, socket };
  let answered: FeedClient | number | Error | undefined;
  socket.on('message', (data: Buffer) => client.messages.push(JSON.parse(data.toString()) as FeedMessage));
  socket.on('close', (code) => (client.closed = code));
  socket.on('error', (error) => (answered ??= error));
  socket.on('open', () => (answered = client));
  socket.on('unexpected-response', (_request, response) => {
    answered = response.statusCode ?? 0;
    response.destroy();
  });
  await until('the WebSocket is answered', () => answered !== undefined);
  if (answered instanceof Error) throw answered;
  return answered!;
}

/** Connects to a page's address as loglin prints it. */
export async function feedOf(t: TestContext, address: string): Promise<FeedClient> {
  const url = new URL(address);
  const client = await connectFeed(t, `ws://${url.host}/websocket${url.search}`);
  if (typeof client === 'number') throw new Error(`${address} is refused: ${client}`);
  return client;
}
