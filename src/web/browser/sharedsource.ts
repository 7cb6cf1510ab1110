// Shared builds (docs/sharing.md) behind any web server: the page lies beside the builds of one project, and
// reads their objects, of the logs the ranges that somebody looks at. Nothing is followed: a shared build has
// ended.

import { Failure } from '../../model/failure.ts';
import type { JobId } from '../../model/ids.ts';
import { type LogIndex, parseIndex } from '../../record/logindex.ts';
import type { LogSource } from '../../record/logsource.ts';
import { PackedLogs } from '../../record/packedlogs.ts';
import { recordParts } from '../../record/recordhead.ts';
import type { RecordFiles } from '../../record/recordreader.ts';
import { BUILDS, LIST, PACK, RECORD } from '../../record/sharednames.ts';
import { buildTest } from '../buildtest.ts';
import { BytesInMemory } from '../container.ts';
import { gunzip } from '../gunzip.ts';
import type { BuildRow, Builds, BuildsAsked } from '../protocol.ts';
import { RangeCache } from '../rangecache.ts';
import { type BuildSource, type Source, Unreachable } from '../source.ts';
import { type Server, readRange } from './ranges.ts';

/** A larger pack is not read through unasked, in bytes. */
const LARGE = 4 * 1024 * 1024;
/** An id as pushes make it. Nothing else is asked for. */
const ID = /^\w[\w-]{0,199}$/;

const SERVER: Server = {
  unreachable: () => new Unreachable('the server of the builds does not answer'),
  refused: (status) => new Failure(`the server of the builds answers with status ${status}`),
};

export class SharedSource implements Source {
  readonly alone = false;
  readonly #base: string;

  /** @param base the address that `b/` and the list are below. */
  constructor(base: string) {
    this.#base = base;
  }

  async builds({ from, count, filter = '', failed = false, before }: BuildsAsked): Promise<Builds> {
    const fits = buildTest(filter);
    const rows = (await this.#rows()).filter(
      (row) => fits(row) && (!failed || row.standing !== 'ok') && (before === undefined || row.id < before),
    );
    return { total: rows.length, rows: rows.slice(from, from + count) };
  }

  async open(id: string | undefined): Promise<BuildSource> {
    const chosen = id ?? (await this.#rows())[0]?.id;
    if (chosen === undefined) throw new Failure('there are no builds yet; loglin push brings some', 1);
    if (!ID.test(chosen)) throw new Failure(`build ${chosen}: no build has such an id`, 1);
    const at = `${this.#base}${BUILDS}${chosen}/`;
    const record = await fetched(at + RECORD);
    if (!record) throw new Failure(`build ${chosen}: is not here; perhaps loglin gc has removed it`, 1);
    const parts = recordParts(record);
    const damaged = (): Failure => new Failure(`build ${chosen}: its record is damaged`);
    if (!parts) throw damaged();
    const [journal, graph, indexBytes] = await Promise.all(parts.map(unpacked)).catch(() => {
      throw damaged();
    });
    const index = parseIndex(new TextDecoder().decode(indexBytes));
    if (!index) throw damaged();
    return new SharedBuild(chosen, at, journal!, graph!, index);
  }

  async #rows(): Promise<readonly BuildRow[]> {
    const bytes = await fetched(this.#base + LIST);
    if (!bytes) return [];
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as readonly BuildRow[];
    } catch {
      throw new Failure(`${LIST}: is damaged; the next push writes it again`);
    }
  }
}

/** @returns undefined if there is no such object. @throws Failure if it cannot be had. */
async function fetched(url: string): Promise<Uint8Array | undefined> {
  let response: Response;
  try {
    // An object may have been written again, as the list is.
    response = await fetch(url, { cache: 'no-cache' });
  } catch {
    throw SERVER.unreachable();
  }
  if (response.status === 404) return undefined;
  if (!response.ok) throw SERVER.refused(response.status);
  return new Uint8Array(await response.arrayBuffer());
}

async function unpacked(part: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([part as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class SharedBuild implements BuildSource {
  readonly id: string;
  readonly files: RecordFiles;
  readonly logs: LogSource;
  readonly costly: boolean;
  readonly #packed: PackedLogs;

  constructor(id: string, at: string, journal: Uint8Array, graph: Uint8Array, index: LogIndex) {
    this.id = id;
    const pack = new RangeCache(index.end, ({ from, to }) => {
      const bytes = readRange(at + PACK, from, to, SERVER);
      if (!bytes) throw new Failure('the logs are gone: perhaps loglin gc has removed this build');
      return bytes;
    });
    const packed = new PackedLogs(index, pack, gunzip, (error) => error instanceof Unreachable);
    this.#packed = packed;
    this.costly = index.end > LARGE;
    this.files = {
      journal: new BytesInMemory('journal.ndjson', journal),
      graphs: new BytesInMemory('graph.ndjson', graph),
      logs: PACK,
      thinned: index.thinned,
      isRecorded: () => false,
      countLogs: () => packed.count,
      loggedJobs: () => [...packed.jobs],
      logSize: (job) => packed.size(job),
    };
    this.logs = { read: (job, from, into) => packed.read(job, from, into) };
  }

  trouble(job: JobId): string | undefined {
    const known = this.#packed.trouble(job);
    if (known !== undefined || this.#packed.size(job) !== undefined) return known;
    return this.files.thinned ? 'log removed by gc' : 'no such log';
  }

  close(): void {
    // There is nothing to close.
  }
}
