// Imports a stream of events into the store: finds out its kind, and notes which lines could not be imported.
// Knows neither the kinds (list.ts) nor where the stream comes from.

import { Failure } from '../../model/failure.ts';
import type { EventReader, ImportPlace, StreamKind } from './kind.ts';
import { type Event, type Line, Lines } from './lines.ts';
import { KINDS } from './list.ts';

export interface StreamResult {
  readonly id: string;
  readonly jobs: number;
  /** Messages for the user, a line each. */
  readonly remarks: readonly string[];
  /** Lines could not be imported, or the end is missing. */
  readonly damaged: boolean;
}

/** The most lines that are kept until the first event, which tells the kind of the stream. */
const MOST_EARLY = 1000;

/** Why a line is not an event. */
type LineProblem = 'kept' | 'text' | 'unknown' | 'damaged' | 'long';

export class StreamImport {
  readonly #where: ImportPlace;
  readonly #name: string;
  readonly #lines = new Lines();
  #kind: StreamKind | undefined;
  #reader: EventReader | undefined;
  /** The number of the first line of each problem, and how many lines have it. */
  readonly #problems = new Map<LineProblem, { readonly first: number; count: number }>();
  /** Text before the first event. */
  readonly #early: Extract<Line, { text: string }>[] = [];
  /** The last line was text that lacks its newline. */
  #cut = false;

  /** @param name of the stream, for messages. @param kind by default, that of the first event. */
  constructor(where: ImportPlace, name: string, kind: StreamKind | undefined) {
    this.#where = where;
    this.#name = name;
    this.#choose(kind);
  }

  /** @throws Failure if the store cannot be written; what was imported is kept. */
  push(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) this.#take(line);
  }

  /** Writes what has been imported. @throws as push. */
  flush(): void {
    this.#reader?.record?.flush();
  }

  /**
   * Ends the import: the stream has ended, or is read no further.
   * @throws Failure if the stream had no event.
   */
  finish(stopped = false): StreamResult {
    for (const line of this.#lines.end()) this.#take(line);
    const truncated = this.#reader?.finish(stopped).truncated ?? false;
    // Asked only now: finish() may have begun the record, with events that waited for a time.
    const record = this.#reader?.record;
    if (!record) throw new Failure(`${this.#name}: ${this.#nothing()}; nothing was imported`);
    const remarks = [...this.#problems].map(([problem, { first, count }]) =>
      this.#remark(problem, first, count),
    );
    const cut = truncated || this.#cut;
    if (truncated && !stopped)
      remarks.push(`${this.#name}: ends before the build does; what came is kept, as interrupted`);
    const lost = [...this.#problems.keys()].some((problem) => problem !== 'kept');
    return { id: record.id, jobs: record.jobs, remarks, damaged: cut || lost };
  }

  #choose(kind: StreamKind | undefined): void {
    this.#kind = kind;
    this.#reader = kind?.reader(this.#where);
  }

  #take(line: Line): void {
    if ('tooLong' in line) this.#note('long', line.number);
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
    if (taken !== 'taken') this.#note(taken, number);
  }

  #text({ text, newline, number }: Extract<Line, { text: string }>): void {
    if (text.trim() === '') return;
    // An event that was cut short is not output.
    const event = text.startsWith('{"');
    if (!newline && event) this.#cut = true;
    const kept = !event && (this.#reader?.text(newline ? `${text}\n` : text) ?? false);
    this.#note(kept ? 'kept' : 'text', number);
  }

  #note(problem: LineProblem, number: number): void {
    const known = this.#problems.get(problem);
    if (known) known.count++;
    else this.#problems.set(problem, { first: number, count: 1 });
  }

  #remark(problem: LineProblem, first: number, count: number): string {
    const lines = count === 1 ? '' : ` (the first of ${count} such lines)`;
    const from = this.#kind?.from ?? '';
    const words: Readonly<Record<LineProblem, string>> = {
      kept: "is no JSON, kept as the build's own text",
      text: 'is no JSON, left out',
      unknown: `is no event of ${from} that this loglin knows, left out`,
      damaged: `is a damaged event of ${from}`,
      long: 'is too long for an event, left out',
    };
    return `${this.#name}:${first}: ${words[problem]}${lines}`;
  }

  #nothing(): string {
    const from = this.#kind ? this.#kind.from : KINDS.map((kind) => kind.from).join(' or of ');
    return `no event of ${from} in it`;
  }
}
