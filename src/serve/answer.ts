// Answers: their headers, and what is small. Every answer has the headers that keep a browser from taking it
// for something else, from keeping it, and from showing it inside another page.

import type { IncomingMessage, ServerResponse } from 'node:http';

export type Request = IncomingMessage;
export type Response = ServerResponse;

/** Nothing but text: an answer that is no page can do nothing, even if a browser shows it. */
const DATA_POLICY =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

export function commonHeaders(response: Response, policy = DATA_POLICY): void {
  for (const [name, value] of [
    ['Content-Security-Policy', policy],
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'DENY'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cache-Control', 'no-store'],
  ] as const)
    response.setHeader(name, value);
}

export const TEXT = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers with what is short. Node leaves the body away for HEAD. */
export function answer(response: Response, status: number, body: string | Buffer, type = TEXT): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(bytes);
}
