// A build as one sequence of bytes, as the page that `loglin export --html` writes has it in itself: a line
// of JSON that says which files follow, and these files. The record comes first, its journal in columns. At
// the end, in JSON, is which problems were new, or null.

import type { ByteOffset, JobId } from '../model/ids.ts';
import { Failure } from '../model/failure.ts';
import { fromColumns } from '../record/columns.ts';
import type { LogSource } from '../record/logsource.ts';
import type { RecordFiles } from '../record/recordreader.ts';
import type { GrowingBytes } from '../record/tail.ts';
import type { BuildRow, Builds } from './protocol.ts';
import type { BuildSource, Source } from './source.ts';

/** The line at the start. */
export interface ContainerHead {
  readonly loglin: 'build';
  readonly v: 2;
  readonly id: string;
  readonly row: BuildRow;
  /** gc has removed logs. */
  readonly thinned: boolean;
  /** The sizes of the journal, in columns (record/columns.ts), and of the graphs, in bytes. */
  readonly journal: number;
  readonly graph: number;
  /** The numbers of the jobs that have a log, and the size of each, in the order of the files. */
  readonly jobs: readonly number[];
  readonly sizes: readonly number[];
}

/** A problem, by the job whose log has it, and where it begins there, in bytes. */
export type ProblemPlace = readonly [job: number, at: number];

const NEWLINE = 0x0a;

/** Takes the bytes as they come, and is a source of the one build. */
export class EmbeddedSource implements Source, BuildSource {
  readonly alone = true;
  /** Undefined: that is not known. */
  newProblems: readonly ProblemPlace[] | undefined;
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #head: ContainerHead | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #journal: Uint8Array = new Uint8Array(0);
  readonly #places = new Map<JobId, readonly [from: number, size: number]>();
  readonly #ready: Promise<void>;
  #done: () => void = () => undefined;
  #failed: (error: Failure) => void = () => undefined;

  constructor() {
    this.#ready = new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
    });
    // It may be asked for later, or never.
    this.#ready.catch(() => undefined);
  }

  /** Takes the next bytes. */
  take(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** All bytes have come. */
  end(): void {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts.splice(0)) {
      bytes.set(part, at);
      at += part.length;
    }
    const newline = bytes.indexOf(NEWLINE);
    this.#bytes = bytes.subarray(newline + 1);
    try {
      this.#head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, newline))) as ContainerHead;
      this.#journal = fromColumns(this.#bytes.subarray(0, this.#head.journal));
    } catch {
      this.fail();
      return;
    }
    let from = this.#head.journal + this.#head.graph;
    for (const [i, job] of this.#head.jobs.entries()) {
      const size = this.#head.sizes[i] ?? 0;
      this.#places.set(job as JobId, [from, size]);
      from += size;
    }
    try {
      const rest = new TextDecoder().decode(this.#bytes.subarray(from));
      this.newProblems = (JSON.parse(rest) as readonly ProblemPlace[] | null) ?? undefined;
    } catch {
      this.fail();
      return;
    }
    this.#done();
  }

  /** The bytes are damaged. */
  fail(): void {
    this.#failed(new Failure('the build in this page is damaged: the file was cut or changed'));
  }

  async builds(): Promise<Builds> {
    await this.#ready;
    return { total: 1, rows: [this.#known.row] };
  }

  async open(id: string | undefined): Promise<BuildSource> {
    await this.#ready;
    if (id !== undefined && id !== this.id) throw new Failure(`build ${id}: is not in this page`, 1);
    return this;
  }

  get #known(): ContainerHead {
    if (!this.#head) throw new Failure('the build is not there yet');
    return this.#head;
  }

  get id(): string {
    return this.#known.id;
  }

  get files(): RecordFiles {
    const { journal, graph, thinned, jobs, sizes } = this.#known;
    return {
      journal: new BytesInMemory('journal.ndjson', this.#journal),
      graphs: new BytesInMemory('graph.ndjson', this.#bytes.subarray(journal, journal + graph)),
      logs: 'logs',
      thinned,
      isRecorded: () => false,
      countLogs: () => jobs.length,
      loggedJobs: () => (jobs as JobId[]).filter((_, i) => (sizes[i] ?? 0) > 0),
      logSize: (job) => this.#places.get(job)?.[1] as ByteOffset | undefined,
    };
  }

  get logs(): LogSource {
    return {
      read: (job, from, into) => {
        const [start, size] = this.#places.get(job) ?? [0, 0];
        const n = Math.max(0, Math.min(into.length, size - from));
        into.set(this.#bytes.subarray(start + from, start + from + n));
        return n;
      },
    };
  }

  trouble(job: JobId): string | undefined {
    if (this.#places.has(job)) return undefined;
    return this.#known.thinned ? 'log removed by gc' : 'no such file';
  }

  close(): void {
    // There is nothing to close.
  }
}

/** A file that is all there. */
class BytesInMemory implements GrowingBytes {
  readonly name: string;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
  }

  get progress(): { readonly at: number; readonly size: number } {
    return { at: this.#at, size: this.#bytes.length };
  }

  open(): void {
    // It is open.
  }

  read(into: Uint8Array): number {
    const n = Math.min(into.length, this.#bytes.length - this.#at);
    into.set(this.#bytes.subarray(this.#at, this.#at + n));
    this.#at += n;
    return n;
  }

  close(): void {
    // There is nothing to close.
  }
}
