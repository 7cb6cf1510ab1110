// A build as one file of HTML: the page, and the build in it. The page's own files are those that were
// bundled.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { succeeded } from '../model/build.ts';
import { Failure, reason } from '../model/failure.ts';
import type { JobId } from '../model/ids.ts';
import { commandLine } from '../render/formats.ts';
import { summarise } from '../store/builds.ts';
import { buildFolder, graphFile, journalFile, logFile, thinnedFile } from '../store/layout.ts';
import { loggedJobs } from '../store/logs.ts';
import { openPlain, statOf } from '../store/plainfile.ts';
import type { BuildRow } from '../web/protocol.ts';
import type { ContainerHead } from '../web/container.ts';

/** How much of the build is packed at once, in bytes. */
const PIECE = 4 << 20;
/** How many pieces are packed at the same time. */
const AT_ONCE = 4;

const gzip = promisify<Buffer, Buffer>(zlib.gzip);

/**
 * Yields the text of a page that shows an ended build.
 * @throws Failure if a file cannot be read, or the page was not built.
 */
export async function* htmlOf(store: string, id: string): AsyncGenerator<string> {
  const { before, after } = pageAround();
  yield before;
  const packing: Promise<Buffer>[] = [];
  const packed = async (): Promise<string> => {
    const bytes = await packing.shift()!;
    return `<script type="application/loglin">${bytes.toString('base64')}</script>\n`;
  };
  for (const piece of piecesOf(store, id)) {
    packing.push(gzip(piece));
    if (packing.length >= AT_ONCE) yield await packed();
  }
  while (packing.length > 0) yield await packed();
  yield after;
}

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
  // The page unpacks it; its own script has to be readable as it is.
  const worker = zlib.gzipSync(file('worker.js'), { level: 9 }).toString('base64');
  const styles = fs.existsSync(path.join(import.meta.dirname, 'page/page.css')) ? file('page.css') : '';
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
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
    `<script type="application/loglin-worker">${worker}</script>\n<script>${script}</script>\n`;
  return { before, after: '</body>\n</html>\n' };
}

interface FileOfBuild {
  readonly name: string;
  readonly size: number;
}

/** Yields the bytes of the build (web/container.ts) in pieces. */
function* piecesOf(store: string, id: string): Generator<Buffer> {
  const folder = buildFolder(store, id);
  const sized = (name: string): FileOfBuild => ({ name, size: statOf(name)?.size ?? 0 });
  const jobs = loggedJobs(folder);
  const logs = jobs.map((job: JobId) => sized(logFile(folder, job)));
  const [journal, graph] = [sized(journalFile(folder)), sized(graphFile(folder))];
  const head: ContainerHead = {
    loglin: 'build',
    v: 1,
    id,
    row: rowOf(store, id),
    thinned: fs.existsSync(thinnedFile(folder)),
    journal: journal.size,
    graph: graph.size,
    jobs,
    sizes: logs.map(({ size }) => size),
  };
  let piece = Buffer.allocUnsafe(PIECE);
  let held = 0;
  const start = Buffer.from(`${JSON.stringify(head)}\n`);
  for (const bytes of [start, journal, graph, ...logs]) {
    const source = Buffer.isBuffer(bytes) ? undefined : bytes;
    const size = Buffer.isBuffer(bytes) ? bytes.length : bytes.size;
    if (size === 0) continue;
    const fd = source && opened(source.name);
    try {
      for (let at = 0; at < size;) {
        const want = Math.min(size - at, PIECE - held);
        const n = Buffer.isBuffer(bytes)
          ? bytes.copy(piece, held, at, at + want)
          : fs.readSync(fd!, piece, held, want, at);
        if (n === 0) throw new Failure(`${source!.name}: is being cut short; try again`);
        at += n;
        held += n;
        if (held < PIECE) continue;
        yield piece;
        piece = Buffer.allocUnsafe(PIECE);
        held = 0;
      }
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  }
  yield piece.subarray(0, held);
}

function opened(file: string): number {
  try {
    return openPlain(file);
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
}

function rowOf(store: string, id: string): BuildRow {
  const { started, ended } = summarise(store, id);
  const well = ended && !ended.interrupted;
  return {
    id,
    command: commandLine(started?.argv ?? []),
    standing: !well ? 'interrupted' : succeeded(ended.status) ? 'ok' : 'failed',
    at: started?.at ?? 0,
    ms: ended?.t ?? 0,
    jobs: ended?.jobs ?? 0,
    failed: ended?.failed ?? 0,
  };
}
