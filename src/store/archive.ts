// A build as one file: a gzip'ed tar of its folder (docs/export.md), and back. What comes from elsewhere is
// trusted in nothing: only the names that a build's folder has are taken, and nothing is in the store before
// all of it is there and was looked at.

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
import { JOURNAL, readsOnly } from './versions.ts';

const CHUNK = 256 * 1024;

// -- out -------------------------------------------------------------------------------------------------

/**
 * Writes a build that has ended as an archive. Of a log that still grows, what there is now.
 * @throws Failure where a file cannot be read; what the output throws.
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
  // Whichever fails, the other does too: what it fails of is the first one's reason.
  const [packed, sent] = await Promise.allSettled([pack(), written]);
  for (const one of [packed, sent]) if (one.status === 'rejected') throw one.reason;
}

/** The files that make up a build, the journal first, for whoever reads no more than the beginning. */
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
      // A buffer of its own: the packer keeps it until it is written.
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
  /** What the archive is called in messages. */
  readonly name: string;
  /** How many bytes it may have when it is unpacked. */
  readonly most: number;
}

/**
 * Takes an archive into the store.
 * @returns the build's id.
 * @throws Failure where it is none, is damaged, or where its build is there already. The store is then as it
 *   was.
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

/** Removes what this process has unpacked and not taken into the store: it is about to be ended. */
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
 * What a name in an archive stands for; undefined where no build has such. `file`: missing where it is not
 * taken.
 */
function placeOf(name: string): { readonly id: string; readonly file?: string } | undefined {
  const [id = '', ...rest] = name.replace(/^(\.\/)+/, '').split('/');
  if (!ID.test(id)) return undefined;
  if (rest.length === 1 && /^(journal\.ndjson|graph\.ndjson|thinned)$/.test(rest[0] ?? ''))
    return { id, file: rest.join('/') };
  if (rest.length === 2 && rest[0] === 'logs' && LOG_NAME.test(rest[1] ?? ''))
    return { id, file: rest.join('/') };
  // The folders, and what this version does not know or makes anew.
  return rest.includes('..') ? undefined : { id };
}

async function unpackFile(file: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  // Twice the same name is refused.
  const fd = openPrivate(file, 'wx');
  try {
    for await (const bytes of body) writeAll(fd, bytes);
  } finally {
    fs.closeSync(fd);
  }
}

/** The same, until there is something in it that no build has. */
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

/** The input as it is, or unpacked where it starts as gzip does. */
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

/** Is what was unpacked a build that this loglin can read? */
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
