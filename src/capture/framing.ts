// Cuts records out of the streams, so that they never reach a log. A record is \x1e nonce kind ':' fields
// \x1f, with fields %-escaped and separated by tabs, as library/slots.c writes it. Or it is \x1e nonce kind
// '@' file \x1f, with the fields in a spool file, each ended by NUL, as hooks/nested/shim.sh writes it. Does
// not know what records mean: that is wire.ts.

const START = 0x1e;
const END = 0x1f;
/** PIPE_BUF: no record is longer, so that its write is atomic. */
const LONGEST = 4096;

/** A record's kind (one letter) and its fields. */
export interface WireRecord {
  readonly kind: string;
  readonly fields: readonly string[];
}

export interface Sink {
  /** Output that is not a record. The bytes are only valid during the call. */
  text(bytes: Buffer): void;
  /**
   * @returns 'wait' if it cannot be dealt with yet: it is kept, with all that follows, for the next call. Not
   *   allowed for a record from a spool file.
   */
  record(record: WireRecord): 'wait' | undefined;
}

/** Scans one stream, which may be cut into chunks anywhere. */
export class Scanner {
  readonly #mark: Buffer;
  readonly #take: (name: string) => Buffer | undefined;
  #rest: Buffer | undefined;

  /** @param take reads a spool file and removes it; returns undefined if there is none of that name. */
  constructor(nonce: string, take: (name: string) => Buffer | undefined) {
    this.#mark = Buffer.from(`\x1e${nonce}`);
    this.#take = take;
  }

  /**
   * @param enough asked after each record: true to stop there.
   * @returns the rest that was not scanned, if `enough` or the sink stopped it.
   */
  push(chunk: Buffer, sink: Sink, enough?: () => boolean): Buffer | undefined {
    let bytes = chunk;
    if (this.#rest) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = undefined;
    }
    let from = 0;
    let at = bytes.indexOf(START);
    while (at >= 0) {
      const end = this.#recordEnd(bytes, at);
      if (end === 'more') {
        if (at > from) sink.text(bytes.subarray(from, at));
        this.#rest = Buffer.from(bytes.subarray(at));
        return undefined;
      }
      if (end === 'no') {
        at = bytes.indexOf(START, at + 1);
        continue;
      }
      if (at > from) sink.text(bytes.subarray(from, at));
      from = end + 1;
      const record = this.#parse(bytes.subarray(at + this.#mark.length, end));
      if (record && sink.record(record) === 'wait') return bytes.subarray(at);
      if (enough?.()) return from < bytes.length ? bytes.subarray(from) : undefined;
      at = bytes.indexOf(START, from);
    }
    if (from < bytes.length) sink.text(from === 0 ? bytes : bytes.subarray(from));
    return undefined;
  }

  /** Ends the stream: the kept start of a record is text after all. */
  flush(sink: Sink): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest) sink.text(rest);
  }

  /** The end of the record that may start here; 'more' if it is incomplete; 'no' if there is none. */
  #recordEnd(bytes: Buffer, at: number): number | 'more' | 'no' {
    const mark = this.#mark;
    const there = Math.min(mark.length, bytes.length - at);
    if (bytes.compare(mark, 0, there, at, at + there) !== 0) return 'no';
    const end = bytes.indexOf(END, at + there);
    if (end >= 0 && end - at <= LONGEST) return end;
    return bytes.length - at > LONGEST ? 'no' : 'more';
  }

  #parse(body: Buffer): WireRecord | undefined {
    const kind = String.fromCharCode(body[0] ?? 0);
    const rest = body.toString('utf8', 2);
    if (body[1] !== 0x40) return { kind, fields: rest.split('\t').map(unescape) };
    const fields = this.#take(rest)?.toString('utf8').split('\0');
    fields?.pop();
    return fields && { kind, fields };
  }
}

function unescape(field: string): string {
  return field.includes('%')
    ? field.replaceAll(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : field;
}
