// Sends files of the store, or ranges of them. No faster than the client reads: what is not sent yet stays on
// disk, however large the file is.

import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { reason } from '../model/failure.ts';
import { buildFolder, buildsFolder, logsFolder } from '../store/layout.ts';
import { checkFolder, openPlain } from '../store/plainfile.ts';
import { TEXT, type Request, type Response, answer } from './answer.ts';
import { rangeOf } from './ranges.ts';

/** How much is read at once, in bytes. */
const PIECE = 256 * 1024;

/** A file of a build, by its path. */
export interface StoredFile {
  readonly store: string;
  readonly id: string;
  readonly file: string;
}

/**
 * Opens a file of a build.
 * @returns undefined if there is none.
 * @throws if it is not a plain file, or one of its folders is a link.
 */
function openOfBuild({ store, id, file }: StoredFile): number | undefined {
  try {
    const folder = buildFolder(store, id);
    for (const at of [buildsFolder(store), folder, logsFolder(folder)]) checkFolder(at);
    return openPlain(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Answers with a file of a build.
 * @param missing what to say if it does not exist.
 */
export async function sendFile(
  request: Request,
  response: Response,
  stored: StoredFile,
  type: string,
  missing: string,
): Promise<void> {
  let fd: number | undefined;
  try {
    fd = openOfBuild(stored);
  } catch (error) {
    answer(response, 403, `${stored.file}: ${reason(error)}\n`);
    return;
  }
  if (fd === undefined) {
    answer(response, 404, missing);
    return;
  }
  await sendOpen(request, response, fd, type);
}

/** Sends an open file, and closes it. What is appended meanwhile is not sent. */
async function sendOpen(request: Request, response: Response, fd: number, type: string): Promise<void> {
  const { size } = fs.fstatSync(fd);
  // No version of a file has a name, so that one that is asked for by If-Range is another one.
  const range = request.headers['if-range'] === undefined ? rangeOf(request.headers.range, size) : undefined;
  response.setHeader('Accept-Ranges', 'bytes');
  if (range === 'unsatisfiable') {
    fs.closeSync(fd);
    response.setHeader('Content-Range', `bytes */${size}`);
    answer(response, 416, `it has ${size} bytes\n`, TEXT);
    return;
  }
  const { from, to } = range ?? { from: 0, to: size };
  if (range) response.setHeader('Content-Range', `bytes ${from}-${to - 1}/${size}`);
  response.writeHead(range ? 206 : 200, { 'Content-Type': type, 'Content-Length': to - from });
  if (request.method === 'HEAD' || to === from) {
    fs.closeSync(fd);
    response.end();
    return;
  }
  const bytes = fs.createReadStream('', { fd, start: from, end: to - 1, highWaterMark: PIECE });
  try {
    await pipeline(bytes, response, { end: false });
    if (bytes.bytesRead === to - from) response.end();
    // It was made shorter meanwhile. Only a connection that ends tells that.
    else response.destroy();
  } catch {
    // The client has gone, or the disk is unreadable; then the client must not wait.
    response.destroy();
  }
}
