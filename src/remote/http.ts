// Requests over HTTP with what shared builds need: bodies from files, answers up to a size, an end for a
// server that stalls, and another try where that can help. Knows no object store.

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | FilePiece | undefined;
}

/** A part of a file. */
export interface FilePiece {
  readonly file: string;
  readonly from: number;
  readonly size: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpOptions {
  /** A server that is silent for so long has stalled, in milliseconds. */
  readonly silence: number;
  /** How often a request is made at most. */
  readonly tries: number;
  /** The first pause before another try, in milliseconds; each further one is twice as long. */
  readonly pause: number;
}

/** For a server on the internet. */
export const DEFAULTS: HttpOptions = { silence: 30_000, tries: 5, pause: 250 };

/** A longer answer is none that was asked for, in bytes. */
const LONGEST = 1024 ** 3;
/** No server makes us wait longer, in milliseconds. */
const LONGEST_PAUSE = 20_000;

/** Makes requests, over connections that are kept. */
export class HttpClient {
  requests = 0;
  readonly #options: HttpOptions;
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 8 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 8 }),
  };

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /**
   * Makes a request; again, if the server is busy, broken or silent.
   * @param sign called before each try: a signature holds for some minutes.
   * @returns the last answer, of whatever status.
   * @throws if there is none after the last try.
   */
  async request(sign: () => Promise<HttpRequest>): Promise<HttpAnswer> {
    const { tries, pause } = this.#options;
    for (let n = 1; ; n++) {
      let wait = pause * 2 ** (n - 1) * (0.5 + Math.random() / 2);
      try {
        const answer = await this.#once(await sign());
        if (n >= tries || !isTransient(answer.status)) return answer;
        const after = Number(answer.headers['retry-after']);
        if (after > 0) wait = Math.max(wait, after * 1000);
      } catch (error) {
        if (n >= tries || !isNetworkError(error)) throw error;
      }
      await sleep(Math.min(wait, LONGEST_PAUSE));
    }
  }

  #once({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
    this.requests++;
    const secure = url.protocol === 'https:';
    const size = Buffer.isBuffer(body) ? body.length : body?.size;
    const sized = size === undefined ? headers : { ...headers, 'content-length': String(size) };
    const agent = this.#agents[secure ? 'https:' : 'http:'];
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(url, { method, headers: sized, agent }, (response) => {
        collect(response).then((bytes) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes });
        }, reject);
      });
      request.setTimeout(this.#options.silence, () => {
        request.destroy(
          Object.assign(new Error(`no answer for ${this.#options.silence / 1000} s`), { code: 'ETIMEDOUT' }),
        );
      });
      request.on('error', reject);
      if (body === undefined || Buffer.isBuffer(body)) request.end(body);
      else if (body.size === 0) request.end();
      else {
        const file = fs.createReadStream(body.file, { start: body.from, end: body.from + body.size - 1 });
        file.on('error', (error) => request.destroy(error));
        request.on('close', () => file.destroy());
        file.pipe(request);
      }
    });
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

async function collect(response: http.IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LONGEST) throw new Error('the answer is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function isTransient(status: number): boolean {
  return status === 429 || status === 408 || (status >= 500 && status !== 501);
}

const NETWORK = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ECONNABORTED',
]);

function isNetworkError(error: unknown): boolean {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return NETWORK.has(code) || message === 'aborted' || message === 'socket hang up';
}

/** What went wrong with a connection, in a word or two. */
export function networkReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection broke';
    default:
      return error instanceof AggregateError
        ? networkReason(error.errors[0])
        : error instanceof Error
          ? error.message
          : String(error);
  }
}
