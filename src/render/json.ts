// The log as NDJSON: decides which records come when. Their contents are in records/log.ts.

import type { Heading } from '../linearize/segments.ts';
import type { Build, Job } from '../model/build.ts';
import { LineCutter } from './linecutter.ts';
import { jsonLine } from './records/line.ts';
import {
  type Identity,
  buildRecord,
  endRecord,
  headingRecord,
  silentRecord,
  textRecord,
} from './records/log.ts';
import type { RenderOptions, Renderer } from './renderer.ts';

const EMPTY = Buffer.alloc(0);

export class JsonRenderer implements Renderer {
  readonly #options: RenderOptions;
  readonly #entered = new Set<Job>();
  readonly #lines = new LineCutter();
  #current: Job | undefined;
  #part = false;

  constructor(options: RenderOptions) {
    this.#options = options;
  }

  begin({ started }: Build, part: boolean): Buffer {
    this.#part = part;
    return started ? line(buildRecord(started, part)) : EMPTY;
  }

  end(build: Build): Buffer {
    const silent = this.#part ? [] : build.jobs.filter((job) => job.parent && !this.#entered.has(job));
    return Buffer.concat([
      ...silent.map((job) => line(silentRecord(job, this.#identity(job)))),
      line(endRecord(build)),
    ]);
  }

  heading(segment: Heading): Buffer {
    if (segment.kind === 'enter') this.#entered.add(segment.job);
    const record = headingRecord(segment, (job) => this.#identity(job), this.#options.nameOf);
    return Buffer.concat([this.finish(), line(record)]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const end = this.#current === job ? EMPTY : this.finish();
    this.#current = job;
    return Buffer.concat([end, this.#text(job, this.#lines.push(bytes))]);
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    const job = this.#current;
    if (!job) return EMPTY;
    this.#current = undefined;
    return this.#text(job, this.#lines.flush());
  }

  #text(job: Job, bytes: Buffer): Buffer {
    return bytes.length === 0 ? EMPTY : line(textRecord(this.#identity(job), bytes));
  }

  #identity(job: Job): Identity {
    const build = this.#options.buildOf?.(job);
    return { job: job.id, name: this.#options.nameOf(job), ...(build === undefined ? {} : { build }) };
  }
}

function line(record: object): Buffer {
  return Buffer.from(jsonLine(record));
}
