// Synchronous requests, which a worker may make, and the ranges of files that are read with them.

import { Failure } from '../../model/failure.ts';
import { Unreachable } from '../source.ts';

/** What is said of a server. */
export interface Server {
  unreachable(): Unreachable;
  /** It does not let the page read. */
  refused(status: number): Failure;
}

const LOGLIN_SERVE: Server = {
  unreachable: () => new Unreachable(),
  refused: () =>
    new Failure('the server wants another token: open the address that loglin serve has printed'),
};

/**
 * Asks with a synchronous request.
 * @throws Unreachable if there is no answer; Failure if the server refuses it.
 */
export function ask(
  url: string,
  type: XMLHttpRequestResponseType,
  range?: string,
  server = LOGLIN_SERVE,
): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.responseType = type;
  if (range !== undefined) request.setRequestHeader('Range', range);
  try {
    request.send();
  } catch {
    throw server.unreachable();
  }
  // A proxy says so of a server that is gone.
  if (request.status === 0 || request.status >= 500) throw server.unreachable();
  if (request.status === 401 || request.status === 403) throw server.refused(request.status);
  return request;
}

/**
 * Reads a range of a file.
 * @returns undefined if there is no such file.
 * @throws like `ask`.
 */
export function readRange(url: string, from: number, to: number, server?: Server): Uint8Array | undefined {
  const request = ask(url, 'arraybuffer', `bytes=${from}-${to - 1}`, server);
  if (request.status === 416) return new Uint8Array(0);
  const bytes = new Uint8Array(request.response as ArrayBuffer);
  if (request.status === 206) return bytes;
  // A server without ranges sends all of it.
  return request.status === 200 ? bytes.subarray(from, to) : undefined;
}
