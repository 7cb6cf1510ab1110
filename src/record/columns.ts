// Lines that are much alike, as a journal's are, as columns: what changes from line to line, field by field,
// which packs to a third. Byte for byte, whatever the lines are; knows nothing of what they mean.
//
// A block is a line of JSON (BlockHead), a byte for each line that says of which shape it is, and the values,
// column after column, each value ended by a newline. A shape is a line with holes where numbers and strings
// stand. Lines of no frequent shape have the shape that is one hole.

/** The line of JSON at the start of a block. */
interface BlockHead {
  readonly lines: number;
  /** Bytes of the block after this line, and of the lines that it stands for. */
  readonly packed: number;
  readonly size: number;
  /** The text between the holes of each shape, as byte strings. */
  readonly shapes: readonly (readonly string[])[];
  /** For each column, whether its values are differences from the value before. */
  readonly differs: readonly (0 | 1)[];
}

/** Bytes of lines in a block; a longer line has a block to itself. */
const BLOCK = 8 << 20;
/** The shape of a line is one byte. */
const MOST_SHAPES = 256;
/** So many lines have a shape, or it is not worth it. */
const FEWEST = 4;
/** Holes of a shape, at most. */
const MOST_HOLES = 100;
/** Longer lines have no shape, in bytes: an expression takes stack for each escape in a string. */
const LONGEST = 64 * 1024;
const NEWLINE = 0x0a;
/** A key, which is no hole; a string, or an integer. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(:?)|(?<![\w.+-])-?\d{1,15}(?![\w.+-])/g;
/** Stands for a hole, in a line that has no such character. */
const MARK = '\u0000';

/** Yields blocks. @param text lines, the last of which need not be ended. */
export function* toColumns(text: Buffer): Generator<Buffer> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + BLOCK, text.length);
    if (end < text.length) {
      const before = text.lastIndexOf(NEWLINE, end - 1) + 1;
      end = before > at ? before : text.indexOf(NEWLINE, end) + 1 || text.length;
    }
    yield blockOf(text.subarray(at, end));
    at = end;
  }
}

function blockOf(text: Buffer): Buffer {
  // A character for each byte. What follows the last newline is a line, too, if an empty one.
  const lines = text.toString('latin1').split('\n');
  const values: string[][] = [];
  const keys = lines.map((line) => {
    const found: string[] = [];
    values.push(found);
    return shapeOf(line, found);
  });
  const shapes = frequent(keys);
  const columns = [...shapes.values()].map(({ holes }) => Array.from({ length: holes }, (): string[] => []));
  const ids = Buffer.alloc(lines.length);
  for (const [i, line] of lines.entries()) {
    const shape = shapes.get(keys[i]!) ?? { id: 0, holes: 1 };
    ids[i] = shape.id;
    if (shape.id === 0) columns[0]![0]!.push(line);
    else for (const [k, column] of columns[shape.id]!.entries()) column.push(values[i]![k]!);
  }
  const written = columns.flat().map(columnOf);
  const bytes = Buffer.concat([ids, Buffer.from(written.map(({ text: one }) => one).join(''), 'latin1')]);
  const head: BlockHead = {
    lines: lines.length,
    packed: bytes.length,
    size: text.length,
    shapes: [...shapes.keys()].map((key) => key.split(MARK)),
    differs: written.map(({ differs }) => differs),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]);
}

/** A line with marks instead of values; as one hole where that cannot be. */
function shapeOf(line: string, values: string[]): string {
  if (line.length > LONGEST || line.includes(MARK)) return MARK;
  return line.replaceAll(TOKEN, (token, colon: string | undefined) => {
    if (colon) return token;
    values.push(token);
    return MARK;
  });
}

/** The shapes that are used, by their text. */
function frequent(keys: readonly string[]): Map<string, { readonly id: number; readonly holes: number }> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const shapes = new Map([[MARK, { id: 0, holes: 1 }]]);
  for (const [key, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    const holes = key.split(MARK).length - 1;
    if (count < FEWEST || shapes.size === MOST_SHAPES) break;
    if (key !== MARK && holes <= MOST_HOLES) shapes.set(key, { id: shapes.size, holes });
  }
  return shapes;
}

const isInteger = (text: string): boolean => /^(?:0|-?[1-9]\d*)$/.test(text);

function columnOf(values: readonly string[]): { readonly text: string; readonly differs: 0 | 1 } {
  const plain = values.map((value) => `${value}\n`).join('');
  if (!values.every(isInteger)) return { text: plain, differs: 0 };
  let before = 0;
  let text = '';
  for (const value of values.map(Number)) {
    text += `${value - before}\n`;
    before = value;
  }
  return text.length < plain.length ? { text, differs: 1 } : { text: plain, differs: 0 };
}

/**
 * Puts lines together again.
 * @param blocks as `toColumns` yields them, one after the other.
 * @throws Error if they are damaged.
 */
export function fromColumns(blocks: Uint8Array): Uint8Array {
  const texts: Uint8Array[] = [];
  for (let at = 0; at < blocks.length;) {
    const from = blocks.indexOf(NEWLINE, at) + 1;
    const head = JSON.parse(new TextDecoder().decode(blocks.subarray(at, from))) as BlockHead;
    at = from + head.packed;
    if (from === 0 || at > blocks.length) throw new Error('a block is cut short');
    texts.push(linesOf(head, blocks.subarray(from, at)));
  }
  const all = new Uint8Array(texts.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const text of texts) {
    all.set(text, to);
    to += text.length;
  }
  return all;
}

/** Where the next value of a column is. */
interface Cursor {
  at: number;
  before: number;
  readonly differs: boolean;
}

function linesOf(head: BlockHead, block: Uint8Array): Uint8Array {
  const { lines, size } = head;
  const shapes = head.shapes.map((shape) => shape.map(bytesOf));
  const cursors = cursorsOf(head, block);
  // The last line has no newline, but it gets one until the end.
  const text = new Uint8Array(size + 1);
  let to = 0;
  for (let i = 0; i < lines; i++) {
    const shape = shapes[block[i]!]!;
    const columns = cursors[block[i]!]!;
    for (let k = 0; k < shape.length; k++) {
      if (k > 0) to = putValue(columns[k - 1]!, block, text, to);
      const literal = shape[k]!;
      for (const byte of literal) text[to++] = byte;
    }
    text[to++] = NEWLINE;
  }
  // What is written past the end of the array is left out, but counted.
  if (to !== size + 1) throw new Error('a block has other lines than it says');
  return text.subarray(0, size);
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The columns of each shape. */
function cursorsOf({ lines, shapes, differs }: BlockHead, block: Uint8Array): Cursor[][] {
  const counts = shapes.map(() => 0);
  for (let i = 0; i < lines; i++) counts[block[i]!]!++;
  let column = 0;
  let at = lines;
  return shapes.map((shape, id) =>
    shape.slice(1).map(() => {
      const cursor = { at, before: 0, differs: differs[column++] === 1 };
      for (let left = counts[id]!; left > 0 && at < block.length; at++) if (block[at] === NEWLINE) left--;
      return cursor;
    }),
  );
}

const MINUS = 0x2d;
const ZERO = 0x30;

/** Puts the next value of a column into a text. @returns where it ends. */
function putValue(cursor: Cursor, block: Uint8Array, text: Uint8Array, at: number): number {
  let to = at;
  let from = cursor.at;
  if (!cursor.differs) {
    while (from < block.length && block[from] !== NEWLINE) text[to++] = block[from++]!;
    cursor.at = from + 1;
    return to;
  }
  const negative = block[from] === MINUS;
  if (negative) from++;
  let value = 0;
  while (from < block.length && block[from] !== NEWLINE) value = 10 * value + block[from++]! - ZERO;
  cursor.at = from + 1;
  cursor.before += negative ? -value : value;
  const digits = String(cursor.before);
  for (let i = 0; i < digits.length; i++) text[to++] = digits.charCodeAt(i);
  return to;
}
