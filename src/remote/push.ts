// Pushes a build: packs it, writes its two objects, and at last its row, without which nobody sees it. An
// interrupted push leaves no build behind; the next one takes what is there already.

import fs from 'node:fs';
import path from 'node:path';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { makeFolder } from '../store/privatefiles.ts';
import { removeLeftovers, scratchFolder } from '../store/scratch.ts';
import type { Secrets } from '../store/redact.ts';
import { MARKER, VERSION, packKey, recordKey, rowPrefix } from './layout.ts';
import { packBuild, remoteIdOf } from './packing.ts';
import type { Remote } from './remote.ts';
import { type Row, rowKey } from './row.ts';

/** What a row says that is not known to the store. */
export type RowFacts = Omit<Row, 'v' | 'id' | 'sizes'>;

export interface PushResult {
  /** The id that other machines use. */
  readonly id: string;
  /** It was there already; nothing was written. */
  readonly known: boolean;
  /** What was written, in bytes. */
  readonly bytes: number;
  /** How many secrets were taken out. */
  readonly redacted: number;
}

export interface PushProgress {
  packed(bytes: number): void;
  /** @param total what is to be sent. */
  sending(total: number): void;
  sent(bytes: number): void;
}

/**
 * Pushes a build that has ended.
 * @throws Failure if it cannot be read, or the remote cannot be written.
 */
export async function pushBuild(
  remote: Remote,
  { store, id }: { readonly store: string; readonly id: string },
  facts: RowFacts,
  secrets: Secrets,
  progress: PushProgress,
): Promise<PushResult> {
  const remoteId = remoteIdOf(store, id);
  const { project } = facts;
  const rows = await remote.list(rowPrefix(project, facts.at, remoteId), undefined, 1);
  if (rows.length > 0) return { id: remoteId, known: true, bytes: 0, redacted: 0 };
  await checkMarker(remote);
  const scratch = scratchFolder(store, 'push', id);
  try {
    removeLeftovers(store);
    makeFolder(scratch);
    const files = await packBuild(store, id, scratch, secrets, (bytes) => {
      progress.packed(bytes);
    });
    const { recordBytes, packBytes, logBytes } = files;
    progress.sending(recordBytes + packBytes);
    const sent = (bytes: number): void => {
      progress.sent(bytes);
    };
    // The pack first: it is the longest, and what fails is likely to fail here.
    await remote.put(packKey(project, remoteId), { file: files.pack, size: packBytes, sent });
    await remote.put(recordKey(project, remoteId), { file: files.record, size: recordBytes, sent });
    const sizes = { record: recordBytes, pack: packBytes, logs: logBytes };
    const row: Row = { v: VERSION, id: remoteId, ...facts, sizes };
    await remote.put(rowKey(row), Buffer.from(`${JSON.stringify(row)}\n`));
    return { id: remoteId, known: false, bytes: recordBytes + packBytes, redacted: files.redacted };
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure(`${path.dirname(scratch)}: ${reason(error)}`);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Says what the objects are, for whoever finds them. @throws Failure if they are of another version. */
async function checkMarker(remote: Remote): Promise<void> {
  const text = (await remote.get(MARKER))?.toString();
  if (text === undefined) {
    const marker = { loglin: 'builds recorded by loglin, see docs/sharing.md', version: VERSION };
    await remote.put(MARKER, Buffer.from(`${JSON.stringify(marker)}\n`));
    return;
  }
  let version: unknown;
  try {
    ({ version } = JSON.parse(text) as { version?: unknown });
  } catch {
    throw new Failure(
      `${remote.url}: ${MARKER} there is not one of loglin's; choose another folder or prefix`,
    );
  }
  if (version !== VERSION)
    throw new Failure(
      `${remote.url}: has builds of version ${JSON.stringify(version)}, this loglin writes ${VERSION}`,
    );
}
