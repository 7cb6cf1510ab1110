// A file of columns: lists of numbers, each as narrow as its greatest value allows, and texts, each of them
// once. It is read with a single call, checked by a sum, and decoded only where it is looked at: a number is
// read from its place, a text is a part of one long string. Does not know what the columns mean.

import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('llcols1\n');
/** The magic, the sum of all that follows it, and the length of the head. */
const PREFIX = MAGIC.length + 8;
/** Every column begins at a multiple of this, in bytes. */
const ALIGNMENT = 8;
/** Longer text does not fit into a string. */
const MOST_TEXT = 256 * 1024 * 1024;

type Values = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The kinds of columns: the narrowest first. The greatest value of a kind stands for "none". */
const KINDS = [
  { name: 'u8', type: Uint8Array, none: 2 ** 8 - 1 },
  { name: 'u16', type: Uint16Array, none: 2 ** 16 - 1 },
  { name: 'u32', type: Uint32Array, none: 2 ** 32 - 1 },
  { name: 'f64', type: Float64Array, none: NaN },
] as const;

/** A column of the file. */
export class Column {
  readonly values: Values;
  readonly #none: number;

  constructor(values: Values, none: number) {
    this.values = values;
    this.#none = none;
  }

  /** The number at an index, where it is known that there is one. */
  at(index: number): number {
    return this.values[index]!;
  }

  /** The number at an index, or undefined where there is none. */
  maybe(index: number): number | undefined {
    const value = this.values[index]!;
    return value === this.#none || Number.isNaN(value) ? undefined : value;
  }

  get length(): number {
    return this.values.length;
  }

  /** Where the part of an index begins, in a column of the ends of consecutive parts. */
  start(index: number): number {
    return index === 0 ? 0 : this.values[index - 1]!;
  }
}

/** The head of a file, as JSON. */
interface Head<T> {
  /** What the owner of the file has to say. */
  readonly about: T;
  /** Name, kind, offset in bytes after the head, and length in values. */
  readonly columns: readonly (readonly [string, string, number, number])[];
}

const TEXT = 'texts';
const TEXT_ENDS = 'textEnds';

/** Collects columns and texts. */
export class ColumnWriter {
  readonly #columns = new Map<
    string,
    { readonly kind: string; readonly bytes: Uint8Array; length: number }
  >();
  readonly #numbers = new Map<string, number>();
  readonly #ends: number[] = [];
  #end = 0;

  /** Returns the number of a text. */
  text(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#end += text.length;
    this.#ends.push(this.#end);
    return number;
  }

  add(name: string, values: ArrayLike<number | undefined>): void {
    const { name: kind, type, none } = KINDS[narrowest(values)]!;
    const column = new type(values.length);
    for (let i = 0; i < values.length; i++) column[i] = values[i] ?? none;
    this.#columns.set(name, { kind, bytes: bytesOf(column), length: values.length });
  }

  /**
   * Returns the file's bytes; undefined if its texts are not well-formed Unicode or too long.
   * @param about any JSON.
   */
  finish(about: unknown): Buffer | undefined {
    if (this.#end > MOST_TEXT) return undefined;
    const text = [...this.#numbers.keys()].join('');
    const bytes = Buffer.from(text);
    if (bytes.toString() !== text) return undefined;
    this.add(TEXT_ENDS, this.#ends);
    this.#columns.set(TEXT, { kind: 'u8', bytes, length: bytes.length });
    const columns: (readonly [string, string, number, number])[] = [];
    let at = 0;
    for (const [
      name,
      {
        kind,
        bytes: { length: size },
        length,
      },
    ] of this.#columns) {
      columns.push([name, kind, at, length]);
      at = aligned(at + size);
    }
    const head = Buffer.from(JSON.stringify({ about, columns } satisfies Head<unknown>));
    const first = aligned(PREFIX + head.length);
    const file = Buffer.alloc(first + at);
    MAGIC.copy(file);
    head.copy(file, PREFIX);
    for (const [name, , offset] of columns) file.set(this.#columns.get(name)!.bytes, first + offset);
    file.writeUInt32LE(head.length, MAGIC.length + 4);
    file.writeUInt32LE(sumOf(file), MAGIC.length);
    return file;
  }
}

/** Returns the number of the narrowest kind that holds all values. */
function narrowest(values: ArrayLike<number | undefined>): number {
  let most = 0;
  for (const value of Array.isArray(values) ? (values as (number | undefined)[]) : Array.from(values)) {
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 0 || Object.is(value, -0)) return KINDS.length - 1;
    if (value > most) most = value;
  }
  return KINDS.findIndex(({ none }) => !(most >= none));
}

/** Columns that were read. */
export class Columns<T> {
  readonly about: T;
  readonly #columns = new Map<string, Column>();
  readonly #text: string;
  readonly #ends: Column;
  /** The texts that were asked for. */
  readonly #texts: (string | undefined)[];

  private constructor({ about, columns }: Head<T>, bytes: Uint8Array) {
    this.about = about;
    for (const [name, kind, offset, length] of columns) {
      const { type, none } = KINDS.find((one) => one.name === kind)!;
      this.#columns.set(
        name,
        new Column(new type(bytes.buffer as ArrayBuffer, bytes.byteOffset + offset, length), none),
      );
    }
    this.#text = bytesOf(this.column(TEXT).values).toString();
    this.#ends = this.column(TEXT_ENDS);
    this.#texts = new Array<string | undefined>(this.#ends.length);
  }

  /**
   * Returns the columns of a file; undefined if it is damaged, or of another kind.
   * @param file all of its bytes, which must not change any more.
   */
  static parse<T>(file: Buffer): Columns<T> | undefined {
    if (file.length < PREFIX || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    if (file.readUInt32LE(MAGIC.length) !== sumOf(file) || file.byteOffset % ALIGNMENT !== 0)
      return undefined;
    const length = file.readUInt32LE(MAGIC.length + 4);
    const head = JSON.parse(file.toString('utf8', PREFIX, PREFIX + length)) as Head<T>;
    return new Columns(head, file.subarray(aligned(PREFIX + length)));
  }

  /** @throws if there is no such column. */
  column(name: string): Column {
    const column = this.#columns.get(name);
    if (!column) throw new Error(`no column ${name}`);
    return column;
  }

  /** Returns a text by its number. */
  text(number: number): string {
    return (this.#texts[number] ??= this.#text.slice(this.#ends.start(number), this.#ends.at(number)));
  }
}

/** The sum of all that the file says after it. */
function sumOf(file: Buffer): number {
  return crc32(file.subarray(MAGIC.length + 4));
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function bytesOf({ buffer, byteOffset, byteLength }: Values): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
