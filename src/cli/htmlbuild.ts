// A build as one file of HTML: the page, and the build in it. The page's own files are those that were
// bundled.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Failure, reason } from '../model/failure.ts';
import type { JobId } from '../model/ids.ts';
import { toColumns } from '../record/columns.ts';
import { buildFolder, graphFile, journalFile, logFile, thinnedFile } from '../store/layout.ts';
import { loggedJobs } from '../store/logs.ts';
import { openPlain, statOf } from '../store/plainfile.ts';
import { NO_SECRETS, Redactor, type Secrets, hasSecrets, redactJson, redactText } from '../store/redact.ts';
import type { ContainerHead } from '../web/container.ts';
import { rowOf } from './disksource.ts';
import { newProblemsOf } from './newproblems.ts';

/** How much of the build is packed at once, in bytes. */
const PIECE = 4 << 20;
/** How many pieces are packed at the same time. */
const AT_ONCE = 4;
/** How much of a file is read at once, in bytes. */
const CHUNK = 1 << 20;

const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);
/** The next level takes three times as long for one percent. */
const PACKED = { level: 7, memLevel: 9 };

/** What is taken out of a build that is written. */
export interface Redaction {
  readonly secrets: Secrets;
  /** How many were found so far. */
  found: number;
}

/**
 * Yields the text of a page that shows an ended build.
 * @param redaction what is taken out of it; nothing by default.
 * @throws Failure if a file cannot be read, or the page was not built.
 */
export async function* htmlOf(
  store: string,
  id: string,
  redaction: Redaction = { secrets: NO_SECRETS, found: 0 },
): AsyncGenerator<string> {
  const { before, after } = pageAround();
  yield before;
  const packing: Promise<Buffer>[] = [];
  const packed = async (): Promise<string> => {
    const bytes = await packing.shift()!;
    return `<script type="application/loglin">${bytes.toString('base64')}</script>\n`;
  };
  for await (const piece of piecesOf(store, id, redaction)) {
    packing.push(gzip(piece, PACKED));
    if (packing.length >= AT_ONCE) yield await packed();
  }
  while (packing.length > 0) yield await packed();
  yield after;
}

/** Unpacks the page's script and runs it. */
const UNPACK = `(async () => {
  const packed = document.querySelector('script[type="application/loglin-page"]').textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const script = document.createElement('script');
  script.textContent = await new Response(text).text();
  document.body.append(script);
})();`;

/** The page's text before and after the build. */
function pageAround(): { readonly before: string; readonly after: string } {
  const file = (name: string): string => {
    const at = path.join(import.meta.dirname, 'page', name);
    try {
      // In a script element, nothing but its end has a meaning.
      return fs.readFileSync(at, 'utf8').replaceAll(/<(?=\/(?:script|style))/gi, '\\x3c');
    } catch (error) {
      throw new Failure(`${at}: ${reason(error)}; npm run build makes it`);
    }
  };
  const script = file('page.js');
  // The page unpacks it.
  const worker = zlib.gzipSync(file('worker.js'), { level: 9 }).toString('base64');
  const styles = fs.existsSync(path.join(import.meta.dirname, 'page/page.css')) ? file('page.css') : '';
  const packedScript = zlib.gzipSync(script, { level: 9 }).toString('base64');
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    // The page's script is put into the document by the one that unpacks it, and is allowed as it is.
    `script-src ${hash(UNPACK)} ${hash(script)}`,
    `style-src ${hash(styles)}`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const before =
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    '<meta name="referrer" content="no-referrer">\n<title>loglin</title>\n' +
    `<style>${styles}</style>\n</head>\n<body>\n<div id="page"></div>\n` +
    `<script type="application/loglin-worker">${worker}</script>\n` +
    `<script type="application/loglin-page">${packedScript}</script>\n<script>${UNPACK}</script>\n`;
  return { before, after: '</body>\n</html>\n' };
}

/** Some bytes of the build, whose size is known before they are read. */
interface Part {
  readonly size: number;
  readonly bytes: () => Iterable<Buffer>;
}

/** Yields the bytes of the build (web/container.ts) in pieces. */
async function* piecesOf(store: string, id: string, redaction: Redaction): AsyncGenerator<Buffer> {
  const folder = buildFolder(store, id);
  const { secrets } = redaction;
  const row = rowOf(store, id);
  const jobs = loggedJobs(folder);
  const logs = jobs.map((job: JobId) => filePart(logFile(folder, job), redaction, secrets));
  const journal = journalPart(journalFile(folder), redaction);
  // Graphs hold names of targets only, and no lines.
  const graph = filePart(graphFile(folder), redaction, { ...secrets, patterns: [] });
  const head: ContainerHead = {
    loglin: 'build',
    v: 2,
    id,
    row: { ...row, command: redactText(row.command, secrets) },
    thinned: fs.existsSync(thinnedFile(folder)),
    journal: journal.size,
    graph: graph.size,
    jobs,
    sizes: logs.map(({ size }) => size),
  };
  // They are numbers of jobs and of bytes: nothing in them is secret. Meanwhile the logs are packed.
  const news = async (): Promise<Part> => bufferPart(json(await newProblemsOf(store, id)));
  let piece = Buffer.allocUnsafe(PIECE);
  let held = 0;
  for await (const { bytes } of partsOf(bufferPart(json(head)), journal, graph, ...logs, news))
    for (const chunk of bytes())
      for (let at = 0; at < chunk.length;) {
        const n = chunk.copy(piece, held, at);
        at += n;
        held += n;
        if (held < PIECE) continue;
        yield piece;
        piece = Buffer.allocUnsafe(PIECE);
        held = 0;
      }
  yield piece.subarray(0, held);
}

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);

/** Yields parts, each when it is wanted. */
async function* partsOf(...parts: readonly (Part | (() => Promise<Part>))[]): AsyncGenerator<Part> {
  for (const part of parts) yield typeof part === 'function' ? await part() : part;
}

const bufferPart = (buffer: Buffer): Part => ({ size: buffer.length, bytes: () => [buffer] });

/** A journal, in columns. Without secrets, its lines may be of other lengths. */
function journalPart(file: string, redaction: Redaction): Part {
  const { secrets } = redaction;
  const plain = filePart(file, redaction, NO_SECRETS);
  const text = Buffer.concat(Array.from(plain.bytes(), (bytes) => Buffer.from(bytes)));
  return bufferPart(Buffer.concat([...toColumns(hasSecrets(secrets) ? redacted(text, redaction) : text)]));
}

function redacted(journal: Buffer, redaction: Redaction): Buffer {
  const lines = journal
    .toString()
    .split('\n')
    .map((line) => {
      const without = redactJson(line, redaction.secrets);
      if (without !== line) redaction.found++;
      return without;
    });
  return Buffer.from(lines.join('\n'));
}

/** A file, as long as it is now, with its secrets covered. */
function filePart(file: string, redaction: Redaction, secrets: Secrets): Part {
  const size = statOf(file)?.size ?? 0;
  function* bytes(): Generator<Buffer> {
    if (size === 0) return;
    const redactor = new Redactor(secrets);
    const fd = opened(file);
    try {
      const buffer = Buffer.allocUnsafe(Math.min(size, CHUNK));
      for (let at = 0; at < size;) {
        const n = fs.readSync(fd, buffer, 0, Math.min(buffer.length, size - at), at);
        if (n === 0) throw new Failure(`${file}: is being cut short; try again`);
        at += n;
        yield hasSecrets(secrets) ? redactor.push(buffer.subarray(0, n)) : buffer.subarray(0, n);
      }
    } finally {
      fs.closeSync(fd);
    }
    yield redactor.end();
    redaction.found += redactor.found;
  }
  return { size, bytes };
}

function opened(file: string): number {
  try {
    return openPlain(file);
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
}
