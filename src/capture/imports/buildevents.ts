// Reads back what `loglin show --json` and `loglin --json make` print (docs/json.md). The imported build is
// shown as it was shown there. Jobs stand where they were printed: the parent of a job is the job whose block
// contained its block.

import type { ByteOffset } from '../../model/ids.ts';
import { count, flag, field, status, text, texts, time } from './fields.ts';
import type { EventReader, ImportPlace, StreamKind, Taken } from './kind.ts';
import type { Event } from './lines.ts';
import { type ImportedJob, ImportedRecord } from './record.ts';

const ID = /^\d{8}-\d{9}-\w{1,16}$/;
/** Blocks are not nested deeper than this: each level takes an entry. */
const MOST_DEPTH = 1_000_000;
const TYPES = new Set([
  'build',
  'enter',
  'text',
  'resume',
  'leave',
  'silent',
  'command',
  'seen',
  'absent',
  'end',
]);

export const buildEvents: StreamKind = {
  name: 'ndjson',
  from: 'loglin show --json',
  isEvent: (event) => TYPES.has(text(event, 'type') ?? ''),
  reader: (where) => new BuildEvents(where),
};

class BuildEvents implements EventReader {
  record: ImportedRecord | undefined;
  readonly #where: ImportPlace;
  readonly #jobs = new Map<string, ImportedJob>();
  /** The open blocks, by depth. */
  readonly #open: ImportedJob[] = [];
  /** The folder in which the build ran; file names are relative to it unless an event says otherwise. */
  #cwd = '';
  /** The stream ends with an event. The streams of older loglins, which lack `build`, do not. */
  #framed = false;
  #named = false;
  #ended = false;

  constructor(where: ImportPlace) {
    this.#where = where;
  }

  take(event: Event): Taken {
    const type = text(event, 'type') ?? '';
    if (!TYPES.has(type)) return 'unknown';
    if (this.#ended) return 'damaged';
    if (type === 'build') return this.#build(event);
    const record = this.record ?? this.#begin();
    switch (type) {
      case 'enter':
        return this.#enter(record, event);
      case 'text':
        return this.#text(record, event);
      case 'resume':
        return this.#resume(event);
      case 'leave':
        return this.#leave(record, event);
      case 'silent':
        return this.#silent(record, event);
      case 'seen':
        return this.#seen(record, event);
      case 'absent':
        return this.#absent(record, event);
      case 'end':
        return this.#end(record, event);
      default:
        // `command`: the job's `leave` has it too.
        return 'taken';
    }
  }

  text(): boolean {
    return false;
  }

  finish(stopped: boolean): { truncated: boolean } {
    const { record } = this;
    if (!record || this.#ended) return { truncated: false };
    const truncated = stopped || this.#framed;
    if (truncated) record.leaveOpen();
    else record.close(record.last, { exit: record.failed > 0 ? 1 : 0 });
    return { truncated };
  }

  /** Begins the record of a stream without `build`. */
  #begin(): ImportedRecord {
    const { place, cwd } = this.#where;
    this.#cwd = cwd;
    this.record = new ImportedRecord(place.store, {
      at: Date.now(),
      argv: ['loglin', 'show', '--json'],
      cwd,
    });
    return this.record;
  }

  #build(event: Event): Taken {
    const [at, argv, cwd] = [time(event, 'at'), texts(event, 'argv'), text(event, 'cwd')];
    if (this.record || at === undefined || argv === undefined || cwd === undefined) return 'damaged';
    const [id, root, revision] = [text(event, 'id'), text(event, 'root'), text(event, 'revision')];
    // In part of a build, the root job's block is one like any other, and may be absent.
    const part = flag(event, 'part');
    const name = part ? undefined : text(event, 'name');
    this.#framed = true;
    this.#named = name !== undefined;
    this.#cwd = cwd;
    this.record = new ImportedRecord(this.#where.place.store, {
      at,
      argv,
      cwd,
      ...(id === undefined || part || !ID.test(id) ? {} : { id }),
      ...(root === undefined ? {} : { root }),
      ...(name === undefined ? {} : { name }),
      ...(revision === undefined ? {} : { revision }),
      ...(flag(event, 'coloured') ? { coloured: true as const } : {}),
      ...(flag(event, 'silent') ? { silent: true as const } : {}),
      ...(flag(event, 'inside') ? { inside: true as const } : {}),
    });
    return 'taken';
  }

  #enter(record: ImportedRecord, event: Event): Taken {
    const [key, name, depth] = [keyOf(event), text(event, 'name'), count(event, 'depth', MOST_DEPTH)];
    if (key === undefined || name === undefined || depth === undefined || depth > this.#open.length)
      return 'damaged';
    this.#open.length = depth;
    if (key === '0' && this.#named && depth === 0) {
      this.#open.push(record.root);
      return 'taken';
    }
    if (this.#jobs.has(key)) return 'damaged';
    const parent = this.#open.at(-1) ?? record.root;
    const job = record.start({
      name,
      parent,
      t: time(event, 'started') ?? record.last,
      folder: this.#folder(event, parent),
    });
    this.#jobs.set(key, job);
    this.#open.push(job);
    return 'taken';
  }

  /** The job's folder. An event without one means the build's folder, whatever the parent has. */
  #folder(event: Event, parent: ImportedJob): string | undefined {
    return text(event, 'folder') ?? (parent.folder === undefined ? undefined : this.#cwd);
  }

  #text(record: ImportedRecord, event: Event): Taken {
    const bytes = bytesOf(event);
    const key = keyOf(event);
    if (bytes === undefined || key === undefined) return 'damaged';
    record.text(this.#job(key) ?? record.root, bytes);
    return key === '0' || this.#jobs.has(key) ? 'taken' : 'damaged';
  }

  #resume(event: Event): Taken {
    const job = this.#job(keyOf(event));
    const depth = count(event, 'depth', MOST_DEPTH);
    if (!job || depth === undefined || depth > this.#open.length) return 'damaged';
    this.#open.length = depth;
    this.#open.push(job);
    return 'taken';
  }

  #leave(record: ImportedRecord, event: Event): Taken {
    const job = this.#job(keyOf(event));
    const depth = count(event, 'depth', MOST_DEPTH);
    if (!job || depth === undefined) return 'damaged';
    if (depth < this.#open.length) this.#open.length = depth;
    return endJob(record, job, event);
  }

  #silent(record: ImportedRecord, event: Event): Taken {
    const [key, name] = [keyOf(event), text(event, 'name')];
    if (key === undefined || name === undefined || this.#jobs.has(key)) return 'damaged';
    const parent = record.root;
    const t = time(event, 'started') ?? record.last;
    const job = record.start({ name, parent, t, folder: this.#folder(event, parent), aside: true });
    this.#jobs.set(key, job);
    return endJob(record, job, event);
  }

  #seen(record: ImportedRecord, event: Event): Taken {
    const job = this.#job(keyOf(event));
    const depth = count(event, 'depth', MOST_DEPTH);
    if (!job || depth === undefined) return 'damaged';
    record.link(this.#around(record, depth), job, record.last);
    return 'taken';
  }

  #absent(record: ImportedRecord, event: Event): Taken {
    const [name, depth] = [text(event, 'name'), count(event, 'depth', MOST_DEPTH)];
    if (name === undefined || depth === undefined) return 'damaged';
    record.need(this.#around(record, depth), name);
    return 'taken';
  }

  #end(record: ImportedRecord, event: Event): Taken {
    this.#ended = true;
    const ended = status(event);
    const rootEnd = time(event, 'ended');
    const ms = time(event, 'ms') ?? record.last;
    // If the root job has a block, its `leave` has the status already.
    if (rootEnd !== undefined) record.end(record.root, rootEnd, { status: ended });
    if (ended) record.close(ms, ended, flag(event, 'interrupted'));
    else record.leaveOpen(ms);
    return 'taken';
  }

  /** The job whose block is around one at this depth. */
  #around(record: ImportedRecord, depth: number): ImportedJob {
    return this.#open[depth - 1] ?? record.root;
  }

  #job(key: string | undefined): ImportedJob | undefined {
    if (key === undefined) return undefined;
    return this.#jobs.get(key) ?? (key === '0' ? this.record?.root : undefined);
  }
}

/** A job's key: its number, followed by its build if that is another one. */
function keyOf(event: Event): string | undefined {
  const job = count(event, 'job');
  const build = text(event, 'build');
  return job === undefined ? undefined : build === undefined ? String(job) : `${job} ${build}`;
}

function bytesOf(event: Event): Buffer | undefined {
  const plain = text(event, 'text');
  if (plain !== undefined) return Buffer.from(plain);
  const base64 = text(event, 'base64');
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

function endJob(record: ImportedRecord, job: ImportedJob, event: Event): Taken {
  if (job.ended) return 'damaged';
  const steps = field(event, 'steps') ?? [];
  const valid = Array.isArray(steps) && steps.every((step, s) => importStep(record, job, step as unknown, s));
  const ended = time(event, 'ended');
  // `ended` is null if the job's end was not recorded.
  if (ended !== undefined)
    record.end(job, ended, {
      status: status(event),
      ignored: flag(event, 'ignored'),
      skipped: flag(event, 'skipped'),
    });
  return valid ? 'taken' : 'damaged';
}

function importStep(record: ImportedRecord, { id }: ImportedJob, step: unknown, s: number): boolean {
  if (typeof step !== 'object' || step === null) return false;
  const event = step as Event;
  const [argv, started, at] = [texts(event, 'argv'), time(event, 'started'), count(event, 'at')];
  if (argv === undefined || started === undefined || at === undefined) return false;
  const echo = flag(event, 'echo') ? { echo: true as const } : {};
  record.append({ e: 'step', t: started, j: id, s, at: at as ByteOffset, argv, ...echo });
  const [ended, how] = [time(event, 'ended'), status(event)];
  if (ended === undefined || how === undefined) return true;
  const [user, sys, rss] = ['user', 'sys', 'rss'].map((name) => count(event, name));
  record.append({
    e: 'stepend',
    t: ended,
    j: id,
    s,
    status: how,
    ...(user === undefined ? {} : { user }),
    ...(sys === undefined ? {} : { sys }),
    ...(rss === undefined ? {} : { rss }),
  });
  return true;
}
