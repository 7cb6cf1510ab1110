// The files of the page, as the bundler left them. They are read once, so that no request's path reaches the
// disk.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Request, type Response, answer, commonHeaders } from './answer.ts';

interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly tag: string;
  gzip: Buffer | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** Smaller files are not worth it, in bytes. */
const LEAST_TO_PACK = 1024;

export class Page {
  readonly #files = new Map<string, PageFile>();
  readonly #policy: string;

  /** @param folder of the files. There need not be any. */
  constructor(folder: string) {
    const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    for (const name of names) {
      const type = TYPES[path.extname(name)];
      if (type === undefined) continue;
      const bytes = fs.readFileSync(path.join(folder, name));
      const tag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
      this.#files.set(name, { bytes, type, tag, gzip: undefined });
    }
    this.#policy = policyOf(this.#files.get('index.html')?.bytes.toString() ?? '');
  }

  /** Answers with a file of the page. */
  send(name: string, request: Request, response: Response): void {
    const file = this.#files.get(name);
    if (!file) {
      if (name === 'index.html') answer(response, 503, 'the page was not built; npm run build does that\n');
      else answer(response, 404, `${name}: the page has no such file\n`);
      return;
    }
    commonHeaders(response, this.#policy);
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', file.tag);
    response.setHeader('Vary', 'Accept-Encoding');
    if (request.headers['if-none-match'] === file.tag) {
      response.writeHead(304).end();
      return;
    }
    let { bytes } = file;
    if (
      bytes.length >= LEAST_TO_PACK &&
      /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')
    ) {
      bytes = file.gzip ??= gzipSync(bytes);
      response.setHeader('Content-Encoding', 'gzip');
    }
    response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': bytes.length });
    response.end(bytes);
  }
}

/**
 * What the page may do: run its own scripts, which are files of this server or stand in it, and ask this
 * server.
 * @param html its text.
 */
export function policyOf(html: string): string {
  const hashes = (element: string): string =>
    [...html.matchAll(new RegExp(`<${element}\\b[^>]*>([^]*?)</${element}>`, 'gi'))]
      .filter(([, text]) => text !== '')
      .map(([, text = '']) => ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join('');
  return [
    "default-src 'none'",
    `script-src 'self'${hashes('script')}`,
    `style-src 'self'${hashes('style')}`,
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
