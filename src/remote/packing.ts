// Makes the two objects of a build, as files: its record and its pack of logs, with secrets taken out on the
// way. Memory stays flat: logs pass in frames, journal and graphs as streams.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { Failure, isFailure, reason } from '../model/failure.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { buildFolder, graphFile, journalFile, logsFolder } from '../store/layout.ts';
import { LogReader, logSize } from '../store/logs.ts';
import { isThinned } from '../store/reader.ts';
import { namesIn, openPlain } from '../store/plainfile.ts';
import { openPrivate, writeAll } from '../store/privatefiles.ts';
import { Redactor, type Secrets, hasSecrets, redactJson } from '../store/redact.ts';
import { FRAME, indexHead, indexLine } from '../record/logindex.ts';
import { RECORD_HEAD, recordHead } from '../record/recordhead.ts';

/** A build as two files. */
export interface PackedFiles {
  readonly record: string;
  readonly pack: string;
  readonly recordBytes: number;
  readonly packBytes: number;
  /** The logs before compression. */
  readonly logBytes: number;
  /** How many secrets were taken out. */
  readonly redacted: number;
}

/**
 * Packs a build that has ended.
 * @param into an existing folder for the two files. @param progress told of bytes of logs.
 * @throws Failure if a file cannot be read or written.
 */
export async function packBuild(
  store: string,
  id: string,
  into: string,
  secrets: Secrets,
  progress: (bytes: number) => void,
): Promise<PackedFiles> {
  const folder = buildFolder(store, id);
  const [record, pack] = [path.join(into, 'record'), path.join(into, 'logs.pack')];
  const count = { redacted: 0 };
  try {
    const logs = await packLogs(folder, pack, secrets, progress, count);
    const parts = [
      redactedLines(journalFile(folder), secrets, count),
      redactedBytes(graphFile(folder), secrets, count),
      Readable.from([logs.index]),
    ];
    const fd = openPrivate(record, 'wx');
    const lengths: number[] = [];
    try {
      writeAll(fd, Buffer.from(recordHead([0, 0, 0])));
      for (const part of parts) lengths.push(await appendZipped(part, record));
      fs.writeSync(fd, recordHead(lengths), 0);
    } finally {
      fs.closeSync(fd);
    }
    return {
      record,
      pack,
      recordBytes: lengths.reduce((sum, length) => sum + length, RECORD_HEAD),
      packBytes: logs.packBytes,
      logBytes: logs.logBytes,
      redacted: count.redacted,
    };
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure(`${into}: ${reason(error)}`);
  }
}

/** The jobs that have a log, also an empty one. */
function jobsWithLog(folder: string): JobId[] {
  return namesIn(logsFolder(folder))
    .flatMap((name) => (/^(0|[1-9]\d{0,8})\.log$/.test(name) ? [parseInt(name, 10) as JobId] : []))
    .sort((a, b) => a - b);
}

/** Small logs are written to the pack together, in bytes. */
const TOGETHER = 256 * 1024;

async function packLogs(
  folder: string,
  pack: string,
  secrets: Secrets,
  progress: (bytes: number) => void,
  count: { redacted: number },
): Promise<{ index: string; packBytes: number; logBytes: number }> {
  const logs = new LogReader(folder);
  const output = openPrivate(pack, 'wx');
  const index = [indexHead(isThinned(folder))];
  let [packBytes, logBytes, waiting] = [0, 0, 0];
  let held: Buffer[] = [];
  const flush = (): void => {
    writeAll(output, Buffer.concat(held));
    held = [];
    waiting = 0;
  };
  try {
    for (const job of jobsWithLog(folder)) {
      const size = logSize(folder, job) ?? 0;
      const redactor = new Redactor(secrets);
      const frames: number[] = [];
      let done = 0;
      for (const frame of framesOf(logs, job, size, redactor)) {
        const zipped = zlib.gzipSync(frame, { level: LEVEL });
        frames.push(zipped.length);
        held.push(zipped);
        packBytes += zipped.length;
        waiting += zipped.length;
        done += frame.length;
        if (waiting >= TOGETHER) {
          flush();
          progress(done);
          // Signals and the progress display get their turn.
          await new Promise(setImmediate);
        }
      }
      if (done !== size) throw new Failure(`${folder}: log ${job} is being cut short; try again`);
      logBytes += size;
      count.redacted += redactor.found;
      index.push(indexLine(job, size, frames));
    }
    flush();
    progress(logBytes);
    return { index: index.join(''), packBytes, logBytes };
  } finally {
    fs.closeSync(output);
    logs.close();
  }
}

/** Twice as fast as the default, for a tenth more bytes. */
const LEVEL = 4;

/** The first `size` bytes of a log, redacted, in frames. */
function* framesOf(logs: LogReader, job: JobId, size: number, redactor: Redactor): Generator<Buffer> {
  let held = Buffer.alloc(0);
  for (let at = 0; at < size;) {
    const bytes = Buffer.allocUnsafe(Math.min(FRAME, size - at));
    const n = logs.read(job, at as ByteOffset, bytes);
    if (n === 0) break;
    at += n;
    held = Buffer.concat([held, redactor.push(bytes.subarray(0, n))]);
    for (; held.length >= FRAME; held = held.subarray(FRAME)) yield held.subarray(0, FRAME);
  }
  held = Buffer.concat([held, redactor.end()]);
  for (; held.length > 0; held = held.subarray(FRAME)) yield held.subarray(0, FRAME);
}

/** Appends a stream to a file, compressed. @returns the number of bytes appended. */
async function appendZipped(input: Readable, file: string): Promise<number> {
  const before = fs.statSync(file).size;
  await pipeline(input, zlib.createGzip({ level: LEVEL }), fs.createWriteStream(file, { flags: 'a' }));
  return fs.statSync(file).size - before;
}

const NEWLINE = 0x0a;
const CHUNK = 1 << 20;

function* piecesOf(file: string): Generator<Buffer> {
  let fd: number;
  try {
    fd = openPlain(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new Failure(`${file}: ${reason(error)}`);
  }
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafe(CHUNK);
      const n = fs.readSync(fd, bytes, 0, CHUNK, null);
      if (n === 0) return;
      yield bytes.subarray(0, n);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** A journal, redacted: in its strings, line by line. */
function redactedLines(file: string, secrets: Secrets, count: { redacted: number }): Readable {
  const redact = (line: Buffer): Buffer => {
    const ended = line.at(-1) === NEWLINE;
    const text = line.toString('utf8', 0, line.length - (ended ? 1 : 0));
    const clean = redactJson(text, secrets);
    if (clean === text) return line;
    count.redacted++;
    return Buffer.from(ended ? `${clean}\n` : clean);
  };
  if (!hasSecrets(secrets)) return Readable.from(piecesOf(file), { objectMode: false });
  return Readable.from(
    (function* () {
      let held: Buffer[] = [];
      for (const piece of piecesOf(file)) {
        const end = piece.lastIndexOf(NEWLINE) + 1;
        if (end === 0) held.push(piece);
        else {
          const whole = Buffer.concat([...held, piece.subarray(0, end)]);
          held = [piece.subarray(end)];
          yield* linesOf(whole, redact);
        }
      }
      const rest = Buffer.concat(held);
      if (rest.length > 0) yield redact(rest);
    })(),
    { objectMode: false },
  );
}

function* linesOf(text: Buffer, redact: (line: Buffer) => Buffer): Generator<Buffer> {
  const lines: Buffer[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf(NEWLINE, from) + 1 || text.length;
    lines.push(redact(text.subarray(from, end)));
    from = end;
  }
  yield Buffer.concat(lines);
}

/** The graphs, redacted in the same length: a line of them may be too long to be parsed. */
function redactedBytes(file: string, secrets: Secrets, count: { redacted: number }): Readable {
  return Readable.from(
    (function* () {
      const redactor = new Redactor({ ...secrets, patterns: [] });
      for (const piece of piecesOf(file)) yield redactor.push(piece);
      yield redactor.end();
      count.redacted += redactor.found;
    })(),
    { objectMode: false },
  );
}

/** No first record of a journal is longer, in bytes. */
const LONGEST_HEAD = 8 * 1024 * 1024;

/**
 * The id under which other machines see a build: its own, with 48 bits of its first record, which knows the
 * machine's boot, the process and its start. So it is the same at each push, and no two builds have one.
 */
export function remoteIdOf(store: string, id: string): string {
  const file = journalFile(buildFolder(store, id));
  const fd = openPlain(file);
  try {
    const bytes = Buffer.alloc(Math.min(LONGEST_HEAD, fs.fstatSync(fd).size));
    fs.readSync(fd, bytes, 0, bytes.length, 0);
    const end = bytes.indexOf(NEWLINE);
    const first = end < 0 ? bytes : bytes.subarray(0, end);
    return `${id}-${createHash('sha256').update(first).digest('hex').slice(0, 12)}`;
  } finally {
    fs.closeSync(fd);
  }
}
