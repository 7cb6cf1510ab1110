// Brings a shared build here: into the cache, to be looked at, where its logs are read as somebody asks for
// them; or whole, into the store.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { Failure, isFailure, reason } from '../model/failure.ts';
import type { ByteOffset } from '../model/ids.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import {
  buildFolder,
  buildsFolder,
  graphFile,
  importedFile,
  journalFile,
  logFile,
  logsFolder,
  thinnedFile,
} from '../store/layout.ts';
import { provideLogs } from '../store/logs.ts';
import { makeFolder, makeStore, openPrivate, writeAll, writePrivate } from '../store/privatefiles.ts';
import { readPlain } from '../store/plainfile.ts';
import { removeLeftovers, scratchFolder } from '../store/scratch.ts';
import { JOURNAL, readsOnly } from '../record/versions.ts';
import { cachedStore, trimCache } from './cache.ts';
import { localId, packKey, recordKey } from './layout.ts';
import { FRAME, type LogIndex, parseIndex } from '../record/logindex.ts';
import { PackReader } from './packreader.ts';
import { PackedLogs, type Unzip } from '../record/packedlogs.ts';
import { recordParts } from '../record/recordhead.ts';
import { unpackPart } from './recordparts.ts';
import type { Remote } from './remote.ts';
import { SyncGetter } from './syncget.ts';

/** A shared build, and the remote that it is in. */
export interface RemoteBuild {
  readonly remote: Remote;
  /** With which the remote was opened. */
  readonly url: string;
  readonly project: string;
  readonly id: string;
}

/** A build that can be looked at. */
export interface FetchedBuild {
  readonly store: string;
  readonly id: string;
}

/** The index of the logs, beside the journal. */
const indexOf = (folder: string): string => path.join(folder, 'logs.index');

/**
 * Makes a shared build readable as one of a store in the cache. Its logs are read from the remote.
 * @throws Failure if the build is not there, or is damaged.
 */
export async function openShared(build: RemoteBuild): Promise<FetchedBuild> {
  const { url, project, id } = build;
  const store = cachedStore(url, project, id);
  const folder = buildFolder(store, localId(id));
  let index = storedIndex(folder);
  if (!index) {
    await inScratch(store, async (scratch) => {
      await unpackRecord(build, scratch);
      fs.rmSync(folder, { recursive: true, force: true });
      fs.renameSync(scratch, folder);
    });
    index = storedIndex(folder);
    trimCache();
  }
  if (!index) throw new Failure(`${build.remote.url}: the record of build ${id} is damaged`);
  provideLogs(folder, new PackedLogs(index, packReader(build, folder, index), unzip));
  return { store, id: localId(id) };
}

const unzip: Unzip = (bytes, size) => zlib.gunzipSync(bytes, { maxOutputLength: size });

function packReader({ remote, url, project, id }: RemoteBuild, folder: string, index: LogIndex): PackReader {
  const getter = new SyncGetter(remote, url);
  return new PackReader(folder, index.end, (range) => {
    const bytes = getter.get(packKey(project, id), range);
    if (!bytes) throw new Failure(`${remote.url}: the logs of build ${id} are gone`);
    return bytes;
  });
}

function storedIndex(folder: string): LogIndex | undefined {
  try {
    if (!fs.existsSync(journalFile(folder))) return undefined;
    return parseIndex(readPlain(indexOf(folder)));
  } catch {
    return undefined;
  }
}

/**
 * Brings all of a shared build into a store.
 * @param progress told of bytes of logs.
 * @returns its id there.
 * @throws Failure if the build is not there or is damaged, or if the store has it; it is then unchanged.
 */
export async function pullBuild(
  build: RemoteBuild,
  store: string,
  progress: (bytes: number) => void,
): Promise<string> {
  const id = localId(build.id);
  if (listBuilds(store).includes(id)) throw new Failure(`build ${id}: is in the store already`, 1);
  await inScratch(store, async (scratch) => {
    const index = await unpackRecord(build, scratch);
    await unpackLogs(build, scratch, index, progress);
    fs.rmSync(indexOf(scratch));
    fs.renameSync(scratch, buildFolder(store, id));
  });
  return id;
}

async function inScratch(store: string, action: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = scratchFolder(store, 'pull', randomBytes(4).toString('hex'));
  try {
    makeStore(store);
    makeFolder(buildsFolder(store));
    removeLeftovers(store);
    makeFolder(scratch);
    await action(scratch);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure(`${buildsFolder(store)}: ${reason(error)}`);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Unpacks journal, graphs and index into a folder. @throws Failure if they are damaged. */
async function unpackRecord({ remote, project, id }: RemoteBuild, folder: string): Promise<LogIndex> {
  const record = await remote.get(recordKey(project, id));
  if (!record) throw new Failure(`${remote.url}: build ${id} is not there; \`loglin ls\` lists what is`, 1);
  const damaged = new Failure(`${remote.url}: the record of build ${id} is damaged`);
  const parts = recordParts(record);
  if (!parts) throw damaged;
  const files = [journalFile(folder), graphFile(folder), indexOf(folder)];
  try {
    for (const [i, file] of files.entries()) await unpackPart(parts[i]!, file);
  } catch (error) {
    if (((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_')) throw damaged;
    throw error;
  }
  if (fs.statSync(graphFile(folder)).size === 0) fs.rmSync(graphFile(folder));
  const index = parseIndex(readPlain(indexOf(folder)));
  if (!index) throw damaged;
  if (index.thinned) writePrivate(thinnedFile(folder), '');
  writePrivate(importedFile(folder), '');
  checkJournal(folder, id, remote.url);
  return index;
}

/** @throws Failure if this loglin cannot read it, or if it is another build's. */
function checkJournal(folder: string, id: string, url: string): void {
  const { started, version } = summarise(path.dirname(path.dirname(folder)), path.basename(folder));
  if (version !== undefined)
    throw new Failure(
      `${url}: build ${id} is of version ${version}, ${readsOnly(JOURNAL)}; use the loglin that wrote it`,
    );
  if (started?.id !== localId(id)) throw new Failure(`${url}: the record of build ${id} is not its own`);
}

/** So much of a pack is read at once, in bytes. */
const PIECE = 8 * 1024 * 1024;

async function unpackLogs(
  build: RemoteBuild,
  folder: string,
  index: LogIndex,
  progress: (bytes: number) => void,
): Promise<void> {
  const { remote, project, id } = build;
  makeFolder(logsFolder(folder));
  let piece: { from: number; bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) };
  const bring = async (from: number, to: number): Promise<Buffer> => {
    if (to > piece.from + piece.bytes.length) {
      const bytes = await remote.get(packKey(project, id), {
        from,
        to: Math.min(index.end, Math.max(to, from + PIECE)),
      });
      if (!bytes || bytes.length < to - from)
        throw new Failure(`${remote.url}: the logs of build ${id} are cut short; nothing was pulled`);
      piece = { from, bytes };
    }
    return piece.bytes.subarray(from - piece.from, to - piece.from);
  };
  for (const { job, offset, frames, size } of index.logs.values()) {
    const fd = openPrivate(logFile(folder, job), 'wx');
    try {
      let at = offset;
      let written = 0;
      for (const length of frames) {
        const zipped = await bring(at, at + length);
        at += length;
        let frame: Buffer;
        try {
          frame = zlib.gunzipSync(zipped, { maxOutputLength: FRAME });
        } catch {
          throw new Failure(`${remote.url}: the logs of build ${id} are damaged; nothing was pulled`);
        }
        writeAll(fd, frame);
        written += frame.length;
        progress(frame.length);
      }
      if (written !== (size as ByteOffset))
        throw new Failure(`${remote.url}: the logs of build ${id} are damaged; nothing was pulled`);
    } finally {
      fs.closeSync(fd);
    }
  }
}
