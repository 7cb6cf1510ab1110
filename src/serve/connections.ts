// Bounds what clients can hold open: how many connections there are, and how long one may be slow. If there
// are too many, the one that has been idle longest is closed.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Limits {
  /** Connections at once. */
  readonly connections: number;
  /** How long a client may take for the head of a request, in milliseconds. */
  readonly headMs: number;
  /** How long a client may read nothing of an answer, in milliseconds. */
  readonly stalledMs: number;
}

export const LIMITS: Limits = { connections: 512, headMs: 10_000, stalledMs: 120_000 };

/** The longest head of a request, in bytes. */
export const LONGEST_HEAD = 16 * 1024;

/** Applies the limits to a server that does not listen yet. */
export function limit(server: Server, { connections, headMs, stalledMs }: Limits): void {
  server.headersTimeout = headMs;
  server.requestTimeout = 2 * headMs;
  server.keepAliveTimeout = headMs;
  server.timeout = stalledMs;
  server.maxRequestsPerSocket = 0;
  /** All connections, with how many requests they wait for; the one that was used last is last. */
  const open = new Map<Socket, number>();
  server.on('connection', (socket) => {
    if (open.size >= connections) {
      const idle = [...open].find(([, requests]) => requests === 0)?.[0];
      // All are in use: then this one is too many.
      (idle ?? socket).destroy();
      if (idle) open.delete(idle);
      else return;
    }
    open.set(socket, 0);
    socket.once('close', () => open.delete(socket));
  });
  // A socket that goes on as another protocol's is in use until it closes.
  server.on('upgrade', ({ socket }: IncomingMessage) => {
    if (open.has(socket)) open.set(socket, 1);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const change = (by: number): void => {
      const requests = open.get(socket);
      if (requests === undefined) return;
      open.delete(socket);
      open.set(socket, requests + by);
    };
    change(1);
    response.once('close', () => {
      change(-1);
    });
  });
}
