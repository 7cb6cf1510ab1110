// Builds behind HTTP: the server of `loglin serve`, or what has the same files. Reads them with synchronous
// requests for ranges, which a worker may make, block by block.

import { Failure } from '../../model/failure.ts';
import type { ByteOffset, JobId } from '../../model/ids.ts';
import type { LogSource } from '../../record/logsource.ts';
import type { RecordFiles } from '../../record/recordreader.ts';
import type { GrowingBytes } from '../../record/tail.ts';
import { commandLine } from '../../render/formats.ts';
import { buildTest } from '../buildtest.ts';
import type { BuildRow, Builds, BuildsAsked, Standing } from '../protocol.ts';
import { SequentialReads } from '../sequentialreads.ts';
import { type BuildSource, type Source, type SourceEvents, Unreachable } from '../source.ts';
import { ask, readRange } from './ranges.ts';

const BLOCK = 256 * 1024;
const NEWLINE = 0x0a;
/** So many bytes of logs are kept. */
const MOST_KEPT = 64 * 1024 * 1024;
/** The record is read in larger pieces. */
const RECORD_BLOCK = 1024 * 1024;
/** At most so many builds are listed. */
const MOST_BUILDS = 5000;
const LISTED_AT_ONCE = 1000;
/** A stream of events that the server has refused is asked for again after so long, in milliseconds. */
const AGAIN_MS = 2000;

/** A row of `ls --json`, as far as it is used. */
interface ListedRow {
  readonly id: string;
  readonly state: string;
  readonly started: string | null;
  readonly ms: number | null;
  readonly argv: readonly string[] | null;
  readonly status: { readonly exit?: number; readonly signal?: number } | null;
  readonly jobs: number | null;
  readonly failed: number | null;
  readonly inside: boolean;
}

interface Meta {
  readonly state: 'running' | 'interrupted' | 'finished';
  readonly journal: number | null;
  readonly graph: number | null;
  readonly thinned: boolean;
}

interface News {
  readonly journal: number;
  readonly logs?: readonly (readonly [number, number])[];
  readonly state: string;
  readonly ended: boolean;
}

export class HttpSource implements Source {
  readonly alone = false;
  readonly #base: string;
  readonly #events: SourceEvents;
  /** Somebody has asked for the list: it is followed. */
  #listed = false;
  #list: EventSource | undefined;
  #build: HttpBuild | undefined;
  #seen = true;

  /** @param base the address that `api/builds` is below. */
  constructor(base: string, events: SourceEvents) {
    this.#base = base;
    this.#events = events;
  }

  async builds({ from, count, filter = '', failed = false, before: end }: BuildsAsked): Promise<Builds> {
    this.#listed = true;
    this.#followList();
    const rows: BuildRow[] = [];
    let read = 0;
    const most = Math.min(MOST_BUILDS, filter.trim() === '' && end !== undefined ? from + count : Infinity);
    for (let before = olderThan(end); read < most;) {
      const query = `count=${Math.min(LISTED_AT_ONCE, most)}${failed ? '&failed=1' : ''}${before}`;
      const listed = await this.#json<readonly ListedRow[]>(`api/builds?${query}`);
      read += listed.length;
      rows.push(...listed.map(rowOf).filter(buildTest(filter)));
      const last = listed.at(-1);
      if (!last || listed.length < LISTED_AT_ONCE) break;
      before = olderThan(last.id);
    }
    return { total: rows.length, rows: rows.slice(from, from + count) };
  }

  async open(id: string | undefined): Promise<BuildSource> {
    let chosen = id;
    if (chosen === undefined) {
      const [newest] = await this.#json<readonly ListedRow[]>('api/builds?count=1');
      if (!newest) throw new Failure('there are no builds yet; record one: loglin make', 1);
      chosen = newest.id;
    }
    const at = `${this.#base}b/${encodeURIComponent(chosen)}/`;
    const meta = await this.#json<Meta>(`b/${encodeURIComponent(chosen)}/meta`);
    this.#build = new HttpBuild(chosen, at, meta, this.#events, this.#seen);
    return this.#build;
  }

  /**
   * Follows what happens only while the page is seen: a browser has six connections to a server, for all of
   * its tabs, and one that is followed takes one of them.
   */
  setSeen(seen: boolean): void {
    if (this.#seen === seen) return;
    this.#seen = seen;
    this.#build?.setSeen(seen);
    if (!seen) {
      this.#list?.close();
      this.#list = undefined;
    } else if (this.#listed) this.#followList(true);
  }

  /** @param again it may have changed since it was followed last. */
  #followList(again = false): void {
    if (this.#list || !this.#seen) return;
    let missed = again;
    this.#list = new EventSource(`${this.#base}builds/events`);
    this.#list.onopen = () => {
      if (missed) this.#events.builds();
      // It opens again where the connection was lost.
      missed = true;
    };
    this.#list.onmessage = () => {
      this.#events.builds();
    };
  }

  async #json<T>(path: string): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.#base + path);
    } catch {
      throw new Unreachable();
    }
    if (!response.ok) throw new Failure((await response.text()).trim() || `${path}: ${response.status}`);
    return (await response.json()) as T;
  }
}

const olderThan = (id: string | undefined): string =>
  id === undefined ? '' : `&before=${encodeURIComponent(id)}`;

function rowOf(row: ListedRow): BuildRow {
  const { id, state, started, ms, argv, status, jobs, failed, inside } = row;
  const standing: Standing =
    state === 'running'
      ? 'running'
      : state !== 'finished' || !status
        ? 'interrupted'
        : status.exit === 0
          ? 'ok'
          : 'failed';
  return {
    id,
    command: commandLine(argv ?? []),
    standing,
    at: started === null ? 0 : Date.parse(started),
    ms: ms ?? 0,
    jobs: jobs ?? 0,
    failed: failed ?? 0,
    inside,
  };
}

class HttpBuild implements BuildSource {
  readonly id: string;
  readonly files: RecordFiles;
  readonly logs: LogSource;
  readonly #at: string;
  readonly #journal: HttpFile;
  readonly #graphs: HttpFile;
  /** The sizes of logs, once they have been asked for. */
  #sizes: Map<JobId, number> | undefined;
  readonly #events: SourceEvents;
  readonly #ahead = new SequentialReads();
  /** The least recently used comes first. */
  readonly #blocks = new Map<string, Uint8Array>();
  #kept = 0;
  readonly #troubles = new Map<JobId, string>();
  #running: boolean;
  #feed: EventSource | undefined;
  #closed = false;

  constructor(id: string, at: string, meta: Meta, events: SourceEvents, seen: boolean) {
    this.id = id;
    this.#at = at;
    this.#events = events;
    this.#journal = new HttpFile(`${at}journal.ndjson`, 'journal.ndjson', meta.journal ?? 0);
    this.#graphs = new HttpFile(`${at}graph.ndjson`, 'graph.ndjson', meta.graph ?? 0);
    this.#running = meta.state === 'running';
    const isRecorded = (): boolean => this.#running;
    this.files = {
      journal: this.#journal,
      graphs: this.#graphs,
      logs: 'logs',
      thinned: meta.thinned,
      isRecorded,
      countLogs: () => this.#logSizes().size,
      loggedJobs: () => [...this.#logSizes()].flatMap(([job, size]) => (size > 0 ? job : [])).sort(inOrder),
      logSize: (job) => this.#logSizes().get(job) as ByteOffset | undefined,
    };
    this.logs = { read: (job, from, into) => this.#read(job, from, into) };
    if (seen) this.setSeen(seen);
  }

  setSeen(seen: boolean): void {
    if (!seen) this.#unfollow();
    else if (this.#running && !this.#closed && !this.#feed) this.#follow();
  }

  /** The sizes of the logs as they are on disk: wanted while a build runs, and of a record with gaps. */
  #logSizes(): Map<JobId, number> {
    if (this.#sizes) return this.#sizes;
    const request = ask(`${this.#at}sizes`, 'text');
    const sizes = request.status === 200 ? (JSON.parse(request.responseText) as [JobId, number][]) : [];
    this.#sizes = new Map(sizes);
    return this.#sizes;
  }

  #follow(): void {
    const feed = new EventSource(`${this.#at}events`);
    this.#feed = feed;
    feed.onopen = () => {
      this.#events.connection(true);
    };
    feed.onerror = () => {
      this.#events.connection(false);
      if (feed.readyState === EventSource.CLOSED) setTimeout(() => this.#followAgain(feed), AGAIN_MS);
    };
    feed.onmessage = ({ data }: MessageEvent<string>) => {
      this.#take(JSON.parse(data) as News);
    };
  }

  /** The server has refused the events. The build may have been removed meanwhile. */
  #followAgain(feed: EventSource): void {
    if (this.#feed !== feed) return;
    fetch(`${this.#at}meta`).then(
      ({ status }) => {
        if (this.#feed !== feed) return;
        if (status !== 404) this.#follow();
        else this.#take({ journal: 0, state: 'removed', ended: true });
      },
      () => {
        setTimeout(() => this.#followAgain(feed), AGAIN_MS);
      },
    );
  }

  #take({ journal, logs, state, ended }: News): void {
    this.#journal.grow(journal);
    this.#graphs.unknown();
    for (const [job, size] of logs ?? [])
      this.#sizes?.set(job as JobId, Math.max(size, this.#sizes.get(job as JobId) ?? 0));
    if (state === 'removed') {
      this.#events.connection(true);
      this.#events.gone('this build was removed; what was read of it is still shown');
    }
    if (ended) {
      this.#running = false;
      this.close();
      // Logs may have grown by more than the record of a build that was cut off says.
      this.#sizes = undefined;
    }
    this.#events.grown();
  }

  #read(job: JobId, from: number, into: Uint8Array): number {
    const index = Math.floor(from / BLOCK);
    const start = from - index * BLOCK;
    const block = this.#block(job, index, Math.min(BLOCK, start + into.length));
    const n = Math.max(0, Math.min(into.length, block.length - start));
    into.set(block.subarray(start, start + n));
    return n;
  }

  /** @param least so many bytes of it are wanted, if there are so many. */
  #block(job: JobId, index: number, least: number): Uint8Array {
    const key = `${job} ${index}`;
    if (index === 0 && !this.#blocks.has(key) && this.#ahead.next(job)) this.#readAhead(job);
    const known = this.#blocks.get(key);
    if (known && known.length >= least) {
      this.#blocks.delete(key);
      this.#blocks.set(key, known);
      return known;
    }
    // A log only grows: what is known of the block is not read again.
    const before = known ?? new Uint8Array(0);
    const from = index * BLOCK + before.length;
    const read = readRange(`${this.#at}logs/${job}.log`, from, (index + 1) * BLOCK);
    if (!read)
      this.#troubles.set(job, this.files.thinned ? 'log removed by gc' : 'the server has no such log');
    const bytes = read ? joined(before, read) : before;
    this.#keep(key, bytes);
    return bytes;
  }

  /** Keeps a block, in place of what was known of it, and gives up those not used for longest. */
  #keep(key: string, bytes: Uint8Array): void {
    this.#kept += bytes.length - (this.#blocks.get(key)?.length ?? 0);
    this.#blocks.set(key, bytes);
    for (const [old, { length }] of this.#blocks) {
      if (this.#kept <= MOST_KEPT) break;
      this.#blocks.delete(old);
      this.#kept -= length;
    }
  }

  /** Reads the small logs of a job and those after it, if the server puts them together. */
  #readAhead(job: JobId): void {
    const request = ask(`${this.#at}logs/${job}+`, 'arraybuffer');
    if (request.status !== 200) {
      this.#ahead.end();
      return;
    }
    const body = new Uint8Array(request.response as ArrayBuffer);
    let at = body.indexOf(NEWLINE) + 1;
    const sizes = JSON.parse(new TextDecoder().decode(body.subarray(0, at))) as readonly [JobId, number][];
    for (const [of, size] of sizes) {
      const key = `${of} 0`;
      if (!this.#blocks.has(key)) this.#keep(key, body.slice(at, at + size));
      at += size;
      this.#ahead.passed(of);
    }
  }

  trouble(job: JobId): string | undefined {
    return this.#troubles.get(job);
  }

  #unfollow(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#unfollow();
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  if (one.length === 0) return other;
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

const inOrder = (a: number, b: number): number => a - b;

/** A file of the record, up to the size that was told. */
class HttpFile implements GrowingBytes {
  readonly name: string;
  readonly #url: string;
  #size: number;
  #at = 0;
  #block: Uint8Array = new Uint8Array(0);
  #from = 0;

  constructor(url: string, name: string, size: number) {
    this.#url = url;
    this.name = name;
    this.#size = size;
  }

  get progress(): { readonly at: number; readonly size: number } {
    return { at: this.#at, size: Math.max(this.#at, Number.isFinite(this.#size) ? this.#size : 0) };
  }

  /** The file is this large by now. */
  grow(size: number): void {
    if (size > this.#size) this.#size = size;
  }

  /** It may be larger than was told. */
  unknown(): void {
    this.#size = Infinity;
  }

  open(): void {
    // The server has said that it is there.
  }

  read(into: Uint8Array): number {
    if (this.#at >= this.#from + this.#block.length || this.#at < this.#from) {
      const to = Math.min(this.#size, this.#at + RECORD_BLOCK);
      if (to <= this.#at) return 0;
      this.#block = readRange(this.#url, this.#at, to) ?? new Uint8Array(0);
      this.#from = this.#at;
      // There was nothing more: until the next news there will not be.
      if (this.#block.length === 0 && this.#size === Infinity) this.#size = this.#at;
    }
    const start = this.#at - this.#from;
    const n = Math.max(0, Math.min(into.length, this.#block.length - start));
    into.set(this.#block.subarray(start, start + n));
    this.#at += n;
    return n;
  }

  close(): void {
    // There is nothing to close.
  }
}
