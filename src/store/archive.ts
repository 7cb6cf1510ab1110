// Export and import of a build as one file: a gzipped tar of its folder (docs/export.md). Imported data is
// not trusted. Only names that a build's folder can have are accepted, and nothing enters the store before
// all of it has arrived and been checked.

import fs from 'node:fs';
import path from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { type ParsedTarEntry, createTarDecoder, createTarPacker } from 'modern-tar';
import { Failure, isFailure, reason } from '../model/failure.ts';
import type { JobId } from '../model/ids.ts';
import { jsonText } from '../model/printable.ts';
import { sizeText } from '../model/size.ts';
import { listBuilds, summarise } from './builds.ts';
import {
  buildFolder,
  buildsFolder,
  graphFile,
  importedFile,
  journalFile,
  logFile,
  logsFolder,
  thinnedFile,
} from './layout.ts';
import { makeFolder, makeStore, openPrivate, writeAll, writePrivate } from './privatefiles.ts';
import { checkFolder, openPlain } from './plainfile.ts';
import { removeLeftovers, scratchFolder } from './scratch.ts';
import { TarKinds } from './tarkinds.ts';
import { JOURNAL, readsOnly } from '../record/versions.ts';

const CHUNK = 256 * 1024;

// -- out -------------------------------------------------------------------------------------------------

/**
 * Writes an ended build as an archive. A log that still grows is cut at its current size.
 * @throws Failure if a file cannot be read. Errors of the output are passed on.
 */
export async function exportBuild(store: string, id: string, output: Writable): Promise<void> {
  const folder = buildFolder(store, id);
  const { readable, controller } = createTarPacker();
  const mtime = new Date(summarise(store, id).started?.at ?? 0);
  const pack = async (): Promise<void> => {
    try {
      for (const file of filesOf(folder)) {
        const name = `${id}/${path.relative(folder, file)}`;
        await packFile(file, (size) => controller.add({ name, size, mtime, mode: 0o600 }).getWriter());
      }
      controller.finalize();
    } catch (error) {
      controller.error(error);
      throw error;
    }
  };
  const written = pipeline(Readable.fromWeb(readable), zlib.createGzip(), output);
  // If one fails, the other fails too. The first one's reason is the cause.
  const [packed, sent] = await Promise.allSettled([pack(), written]);
  for (const one of [packed, sent]) if (one.status === 'rejected') throw one.reason;
}

/** Returns the files of a build. The journal comes first, for readers that need only the beginning. */
function filesOf(folder: string): string[] {
  let logs: string[];
  try {
    checkFolder(logsFolder(folder));
    logs = fs.readdirSync(logsFolder(folder));
  } catch (error) {
    throw new Failure(`${logsFolder(folder)}: ${reason(error)}`);
  }
  const jobs = logs.flatMap((name) => (LOG_NAME.test(name) ? [parseInt(name, 10) as JobId] : []));
  return [
    ...[journalFile(folder), graphFile(folder), thinnedFile(folder)].filter((file) => fs.existsSync(file)),
    ...jobs.sort((a, b) => a - b).map((job) => logFile(folder, job)),
  ];
}

type Writer = WritableStreamDefaultWriter<Uint8Array>;

async function packFile(file: string, start: (size: number) => Writer): Promise<void> {
  let fd: number;
  try {
    fd = openPlain(file);
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
  try {
    const { size } = fs.fstatSync(fd);
    const writer = start(size);
    for (let at = 0; at < size;) {
      // A separate buffer for each chunk, since the packer keeps it until it is written.
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, size - at));
      const n = fs.readSync(fd, bytes, 0, bytes.length, at);
      if (n === 0) throw new Failure(`${file}: is being cut short; try again`);
      await writer.write(bytes.subarray(0, n));
      at += n;
    }
    await writer.close();
  } finally {
    fs.closeSync(fd);
  }
}

// -- in --------------------------------------------------------------------------------------------------

const LOG_NAME = /^(0|[1-9]\d{0,8})\.log$/;
const ID = /^\d{8}-\d{9}-\w{1,16}$/;
/** More files than any build has logs. */
const MOST_FILES = 10_000_000;

export interface ImportOptions {
  /** The archive's name in messages. */
  readonly name: string;
  /** The largest number of bytes that it may unpack to. */
  readonly most: number;
}

/**
 * Imports an archive into the store.
 * @returns the build's id.
 * @throws Failure if it is no archive or is damaged, or if the store already has this build. The store is
 *   then unchanged.
 */
export async function importBuild(store: string, input: Readable, options: ImportOptions): Promise<string> {
  const { name } = options;
  const scratch = scratchFor(store);
  try {
    makeStore(store);
    makeFolder(buildsFolder(store));
    removeLeftovers(store);
    makeFolder(logsFolder(scratch));
  } catch (error) {
    throw new Failure(`${scratch}: ${reason(error)}`);
  }
  try {
    const id = await unpack(store, scratch, input, options);
    check(store, scratch, id, name);
    writePrivate(importedFile(scratch), '');
    if (listBuilds(store).includes(id)) throw thereAlready(id);
    fs.renameSync(scratch, buildFolder(store, id));
    return id;
  } catch (error) {
    throw isFailure(error) ? error : new Failure(`${name}: ${complaint(error)}`);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Removes what this process has unpacked but not moved into the store. Called when the process is about to be
 * ended.
 */
export function abandonImport(store: string): void {
  fs.rmSync(scratchFor(store), { recursive: true, force: true });
}

const scratchFor = (store: string): string => scratchFolder(store, 'import', 'new');

async function unpack(
  store: string,
  scratch: string,
  input: Readable,
  { name, most }: ImportOptions,
): Promise<string> {
  const decoder = createTarDecoder({ strict: true });
  const tar = watched(await unzipped(input));
  const entries: AsyncIterable<ParsedTarEntry> = Readable.toWeb(tar).pipeThrough(decoder);
  let id: string | undefined;
  let total = 0;
  let files = 0;
  for await (const { header, body } of entries) {
    const place = placeOf(header.name);
    if (!place)
      throw new Failure(`${name}: has ${quoted(header.name)}, which no build has; nothing was imported`);
    if (header.type !== 'file' && header.type !== 'directory')
      throw new Failure(
        `${name}: ${quoted(header.name)} is a ${header.type ?? 'special file'}; nothing was imported`,
      );
    if (id === undefined) {
      id = place.id;
      if (listBuilds(store).includes(id)) throw thereAlready(id);
    }
    if (place.id !== id)
      throw new Failure(`${name}: more than one build is in it: ${id}, ${place.id}; import one at a time`);
    total += header.size;
    if (!(total <= most))
      throw new Failure(
        `${name}: more than ${sizeText(most)} when unpacked; if that is right: --max ${sizeText(2 * total).replace(' ', '')}`,
      );
    if (++files > MOST_FILES) throw new Failure(`${name}: more than ${MOST_FILES} files`);
    if (place.file === undefined || header.type === 'directory') await body.cancel();
    else await unpackFile(path.join(scratch, place.file), body);
  }
  if (id === undefined) throw new Failure(`${name}: is empty`);
  return id;
}

/**
 * Returns what a name in an archive stands for, or undefined if no build has such a name. `file` is undefined
 * if the entry is not to be unpacked.
 */
function placeOf(name: string): { readonly id: string; readonly file?: string } | undefined {
  const [id = '', ...rest] = name.replace(/^(\.\/)+/, '').split('/');
  if (!ID.test(id)) return undefined;
  if (rest.length === 1 && /^(journal\.ndjson|graph\.ndjson|thinned)$/.test(rest[0] ?? ''))
    return { id, file: rest.join('/') };
  if (rest.length === 2 && rest[0] === 'logs' && LOG_NAME.test(rest[1] ?? ''))
    return { id, file: rest.join('/') };
  // Folders, and files that this version does not know or generates itself.
  return rest.includes('..') ? undefined : { id };
}

async function unpackFile(file: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  // A duplicate name is refused.
  const fd = openPrivate(file, 'wx');
  try {
    for await (const bytes of body) writeAll(fd, bytes);
  } finally {
    fs.closeSync(fd);
  }
}

/** Passes the archive on until it contains something that no build has. */
function watched(tar: Readable): Readable {
  const kinds = new TarKinds();
  return Readable.from(
    (async function* () {
      for await (const bytes of tar as AsyncIterable<Buffer>) {
        kinds.push(bytes);
        yield bytes;
      }
    })(),
    { objectMode: false },
  );
}

/** Returns the input, unpacked if it starts like gzip. */
async function unzipped(input: Readable): Promise<Readable> {
  const chunks: AsyncIterator<Buffer> = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first: Buffer[] = [];
  while (Buffer.concat(first).length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    first.push(next.value);
  }
  const rest = { [Symbol.asyncIterator]: () => chunks };
  const whole = Readable.from(
    (async function* () {
      yield* first;
      yield* rest;
    })(),
    { objectMode: false },
  );
  const [one, two] = Buffer.concat(first);
  if (one !== 0x1f || two !== 0x8b) return whole;
  const gunzip = zlib.createGunzip();
  whole.on('error', (error) => gunzip.destroy(error));
  return whole.pipe(gunzip);
}

/** Checks that the unpacked files are a build that this loglin can read. */
function check(store: string, scratch: string, id: string, name: string): void {
  const { started, version } = summarise(store, path.basename(scratch));
  if (version !== undefined)
    throw new Failure(
      `${name}: a build of version ${version}, ${readsOnly(JOURNAL)}; use the loglin that wrote it`,
    );
  if (!started) throw new Failure(`${name}: its journal is missing or cannot be read; nothing was imported`);
  if (started.id !== id)
    throw new Failure(
      `${name}: the folder ${id} has the journal of ${quoted(started.id)}; nothing was imported`,
    );
}

function thereAlready(id: string): Failure {
  return new Failure(`build ${id}: is in the store already; nothing was imported`, 1);
}

/** A name from elsewhere may hold anything. */
function quoted(name: string): string {
  return jsonText(name.length > 100 ? `${name.slice(0, 100)}…` : name);
}

function complaint(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return 'has a file twice; nothing was imported';
  if (code?.startsWith('Z_') || !code) return `not a whole archive of a build: ${reason(error)}`;
  return reason(error);
}
