// A stream of events into the store: which kind it is, what of it could not be taken. Knows no kind by itself
// (list.ts) and no stream.

import { Failure } from '../../model/failure.ts';
import type { EventReader, ImportPlace, Kind } from './kind.ts';
import { type Event, type Line, Lines } from './lines.ts';
import { KINDS } from './list.ts';

export interface StreamResult {
  readonly id: string;
  readonly jobs: number;
  /** Messages for the user, a line each. */
  readonly remarks: readonly string[];
  /** Something is missing: lines that could not be taken, or the end. */
  readonly damaged: boolean;
}

/** The most lines that wait for the first event, which tells what kind of stream this is. */
const MOST_EARLY = 1000;

/** Why a line was not taken as an event. */
type Trouble = 'kept' | 'text' | 'unknown' | 'damaged' | 'long';

export class StreamImport {
  readonly #where: ImportPlace;
  readonly #name: string;
  readonly #lines = new Lines();
  #kind: Kind | undefined;
  #reader: EventReader | undefined;
  /** The first line of each, and how many there were. */
  readonly #troubles = new Map<Trouble, { readonly first: number; count: number }>();
  /** Text before the first event. */
  readonly #early: Extract<Line, { text: string }>[] = [];
  /** The last line was text that lacks its newline. */
  #cut = false;

  /** @param name of the stream, for messages. @param kind undefined: that of the first event. */
  constructor(where: ImportPlace, name: string, kind: Kind | undefined) {
    this.#where = where;
    this.#name = name;
    this.#choose(kind);
  }

  /** @throws Failure where the store cannot be written; what came is kept. */
  push(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) this.#take(line);
  }

  /** Writes what came. @throws as push. */
  flush(): void {
    this.#reader?.record?.flush();
  }

  /**
   * The stream has ended, or is not read any further.
   * @throws Failure where there was nothing in it.
   */
  finish(stopped = false): StreamResult {
    for (const line of this.#lines.end()) this.#take(line);
    const truncated = this.#reader?.finish(stopped).truncated ?? false;
    // Not before: what waited for a time may have begun it now.
    const record = this.#reader?.record;
    if (!record) throw new Failure(`${this.#name}: ${this.#nothing()}; nothing was imported`);
    const remarks = [...this.#troubles].map(([trouble, { first, count }]) =>
      this.#remark(trouble, first, count),
    );
    const cut = truncated || this.#cut;
    if (truncated && !stopped)
      remarks.push(`${this.#name}: ends before the build does; what came is kept, as interrupted`);
    const lost = [...this.#troubles.keys()].some((trouble) => trouble !== 'kept');
    return { id: record.id, jobs: record.jobs, remarks, damaged: cut || lost };
  }

  #choose(kind: Kind | undefined): void {
    this.#kind = kind;
    this.#reader = kind?.reader(this.#where);
  }

  #take(line: Line): void {
    if ('tooLong' in line) this.#trouble('long', line.number);
    else if ('event' in line) this.#event(line.event, line.number);
    else if (this.#kind || this.#early.length >= MOST_EARLY) this.#text(line);
    else this.#early.push(line);
  }

  #event(event: Event, number: number): void {
    if (!this.#kind) {
      const kind = KINDS.find((one) => one.isEvent(event));
      this.#choose(kind);
      if (kind) for (const line of this.#early.splice(0)) this.#text(line);
    }
    const taken = this.#reader?.take(event) ?? 'unknown';
    if (taken !== 'taken') this.#trouble(taken, number);
  }

  #text({ text, newline, number }: Extract<Line, { text: string }>): void {
    if (text.trim() === '') return;
    // An event that was cut short is no text of anybody's.
    const event = text.startsWith('{"');
    if (!newline && event) this.#cut = true;
    const kept = !event && (this.#reader?.text(newline ? `${text}\n` : text) ?? false);
    this.#trouble(kept ? 'kept' : 'text', number);
  }

  #trouble(trouble: Trouble, number: number): void {
    const known = this.#troubles.get(trouble);
    if (known) known.count++;
    else this.#troubles.set(trouble, { first: number, count: 1 });
  }

  #remark(trouble: Trouble, first: number, count: number): string {
    const lines = count === 1 ? '' : ` (the first of ${count} such lines)`;
    const from = this.#kind?.from ?? '';
    const words: Readonly<Record<Trouble, string>> = {
      kept: "is no JSON, kept as the build's own text",
      text: 'is no JSON, left out',
      unknown: `is no event of ${from} that this loglin knows, left out`,
      damaged: `is a damaged event of ${from}`,
      long: 'is too long for an event, left out',
    };
    return `${this.#name}:${first}: ${words[trouble]}${lines}`;
  }

  #nothing(): string {
    const from = this.#kind ? this.#kind.from : KINDS.map((kind) => kind.from).join(' or of ');
    return `no event of ${from} in it`;
  }
}
