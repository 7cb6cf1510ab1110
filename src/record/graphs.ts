// The graphs of a build: one line per instance, {"v":1,"i":0,"tool":"make",…} with its nodes. They are read
// node by node, since a line can have 100 MB and its contents must never be in memory twice.

import { isFailure } from '../model/failure.ts';
import { FlatGraph, type GraphCall, type GraphNode, type InstanceGraph } from '../model/graph.ts';
import type { InstanceId } from '../model/ids.ts';
import type { GrowingBytes } from './tail.ts';
import {
  GRAPH,
  type VersionFields,
  isNewer,
  isReadable,
  passedOver,
  readsOnly,
  versionFields,
} from './versions.ts';

/** A node in the file: name, needs, kind bits, also. */
type NodeRecord = readonly [string, readonly string[], number, (readonly string[])?];

/** The kind bits of a node. */
const RECIPE = 1;
const PHONY = 2;

/** A graph as the store keeps it. */
export interface StoredGraph extends GraphCall {
  readonly i: InstanceId;
  /** Nobody else holds a reference to it. */
  readonly graph: FlatGraph;
}

/** Returns the line of an instance's graph, without its newline. */
export function graphLine(i: InstanceId, { tool, cwd, argv, goals, nodes }: InstanceGraph): string {
  const records = Array.from(nodes, ({ name, needs, recipe, phony, also }): NodeRecord => {
    const kind = (recipe ? RECIPE : 0) | (phony ? PHONY : 0);
    return also ? [name, needs, kind, also] : [name, needs, kind];
  });
  return JSON.stringify({ ...versionFields(GRAPH), i, tool, cwd, argv, goals, nodes: records });
}

const CHUNK = 1 << 20;

/** A longer node, or longer text around the nodes, is damage: a hole that a crash left in the file. */
const LONGEST = 64 * 1024 * 1024;

/** In a badly damaged file, only this many lines are named. */
const MOST_NAMED = 20;

/** Reads a build's graphs in chunks, and continues as more of them are appended. */
export class GraphReader {
  readonly #file: GrowingBytes;
  readonly #name: string;
  readonly #scanner = new GraphScanner();
  readonly #buffer: Buffer;
  #unreadable: string | undefined;

  /**
   * The file need not exist yet.
   * @param chunk the size of each read in bytes.
   */
  constructor(file: GrowingBytes, chunk = CHUNK) {
    this.#name = file.name;
    this.#file = file;
    this.#buffer = Buffer.allocUnsafe(chunk);
  }

  /** How much was read, in bytes, and the current size of the file. */
  get progress(): { readonly at: number; readonly size: number } {
    return this.#file.progress;
  }

  /**
   * Reads a chunk and returns the graphs that it completes.
   * @returns undefined if there are no more bytes now.
   * @throws Failure if they cannot be read.
   */
  read(): StoredGraph[] | undefined {
    let n: number;
    try {
      n = this.#file.read(this.#buffer);
    } catch (error) {
      if (isFailure(error)) this.#unreadable = error.message;
      throw error;
    }
    return n === 0 ? undefined : this.#scanner.take(this.#buffer.subarray(0, n));
  }

  /** Returns a graph at the end that lacks only its newline. Call this only if the file grows no more. */
  rest(): StoredGraph[] {
    return this.#scanner.take(Buffer.of(NEWLINE));
  }

  /** The problems found so far, one line each. */
  get problems(): string[] {
    const { lines, damaged, foreign } = this.#scanner;
    const found = lines.map((line) => `${this.#name}:${line}: not a graph`);
    if (damaged > lines.length) found.push(`${this.#name}: ${damaged - lines.length} more such lines`);
    if (foreign && isReadable(GRAPH, foreign)) found.push(passedOver(this.#name, GRAPH, foreign));
    else if (foreign)
      found.push(
        `${this.#name}: graphs of version ${foreign.v}, ${readsOnly(GRAPH)}; jobs have the needs that their own records say`,
      );
    return this.#unreadable === undefined ? found : [...found, this.#unreadable];
  }

  close(): void {
    this.#file.close();
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** The depth of brackets inside a node. */
const IN_NODE = 3;

/**
 * Cuts the nodes out of a line as its bytes arrive, so that only the text around them remains to be parsed at
 * its end.
 */
class GraphScanner {
  /** The numbers of the damaged lines, up to the limit, and the count of all of them. */
  readonly lines: number[] = [];
  damaged = 0;
  /** The version of an undamaged line that is not a graph known to this loglin. */
  foreign: VersionFields | undefined;
  /** How many lines have ended. */
  #read = 0;
  /** How many bytes of the line are held. */
  #held = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** A comma that follows belongs to the previous node. */
  #afterNode = false;
  #bad = false;
  #graph = new FlatGraph();
  /** The text around the nodes. */
  #around: Buffer[] = [];
  /** The beginning of a node. */
  #node: Buffer[] = [];

  /**
   * @param bytes valid until this returns.
   * @returns the graphs that are now complete.
   */
  take(bytes: Buffer): StoredGraph[] {
    const found: StoredGraph[] = [];
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (this.#inString && byte !== NEWLINE) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) {
        this.#inString = true;
        this.#afterNode = false;
      } else if (byte === COMMA) {
        if (this.#afterNode) from = i + 1;
        this.#afterNode = false;
      } else if (byte === NEWLINE) {
        this.#hold(this.#around, bytes.subarray(from, i));
        const graph = this.#line();
        if (graph) found.push(graph);
        from = i + 1;
      } else if (OPENING.has(byte)) {
        if (++this.#depth === IN_NODE) {
          this.#hold(this.#around, Buffer.from(bytes.subarray(from, i)));
          from = i;
        }
      } else if (CLOSING.has(byte)) {
        this.#afterNode = this.#depth-- === IN_NODE;
        if (this.#afterNode) {
          this.#take([...this.#node, bytes.subarray(from, i + 1)]);
          for (const { length } of this.#node) this.#held -= length;
          this.#node = [];
          from = i + 1;
        }
      }
    }
    if (from < bytes.length)
      this.#hold(this.#depth >= IN_NODE ? this.#node : this.#around, Buffer.from(bytes.subarray(from)));
    return found;
  }

  /** Keeps a part of the line, unless it becomes too long. */
  #hold(pieces: Buffer[], piece: Buffer): void {
    if (this.#held + piece.length > LONGEST) this.#bad = true;
    if (this.#bad) return;
    pieces.push(piece);
    this.#held += piece.length;
  }

  #take(pieces: readonly Buffer[]): void {
    if (this.#bad) return;
    const node = parseNode(textOf(pieces));
    if (node) this.#graph.add(node);
    else this.#bad = true;
  }

  /** Handles a complete line. */
  #line(): StoredGraph | undefined {
    this.#read++;
    const version = versionOf(this.#around);
    const readable = isReadable(GRAPH, version);
    const call = this.#bad || !readable ? undefined : parseCall(textOf(this.#around));
    const graph = this.#graph;
    if (!call && (!readable || isNewer(GRAPH, version))) this.foreign ??= version;
    // After the last newline there is no line.
    else if (!call && (this.#bad || this.#held > 0)) {
      this.damaged++;
      if (this.lines.length < MOST_NAMED) this.lines.push(this.#read);
    }
    this.#held = 0;
    this.#depth = 0;
    this.#inString = this.#escaped = this.#afterNode = this.#bad = false;
    this.#graph = new FlatGraph();
    this.#around = [];
    this.#node = [];
    return call && { ...call, graph };
  }
}

function textOf(pieces: readonly Buffer[]): string {
  const [first] = pieces;
  return (pieces.length === 1 && first ? first : Buffer.concat(pieces)).toString();
}

/** No version is longer, in bytes. */
const VERSION_LENGTH = 40;
const VERSION = /^\{"v":(\d{1,9})(?:,"minor":(\d{1,9}))?,/;

/** Returns the version of a line. It stands at the very beginning, so that it is found whatever follows. */
function versionOf(pieces: readonly Buffer[]): VersionFields {
  const [, v, minor] = VERSION.exec(Buffer.concat(pieces, VERSION_LENGTH).toString('latin1')) ?? [];
  return {
    ...(v === undefined ? {} : { v: Number(v) }),
    ...(minor === undefined ? {} : { minor: Number(minor) }),
  };
}

/** Returns undefined if the text is not a node. */
function parseNode(text: string): GraphNode | undefined {
  const node = parseJson(text);
  if (!Array.isArray(node)) return undefined;
  const [name, needs, kind, also] = node as unknown as Partial<NodeRecord>;
  if (typeof name !== 'string' || !isNames(needs) || !(also === undefined || isNames(also))) return undefined;
  return {
    name,
    needs,
    recipe: ((kind ?? 0) & RECIPE) !== 0,
    ...((kind ?? 0) & PHONY ? { phony: true } : {}),
    ...(also ? { also } : {}),
  };
}

/** Parses the text around the nodes. Returns undefined if it is not a graph. */
function parseCall(text: string): Omit<StoredGraph, 'graph'> | undefined {
  const value = parseJson(text) as (GraphCall & { i: InstanceId; nodes: unknown }) | undefined;
  const whole =
    Number.isSafeInteger(value?.i) &&
    Number(value?.i) >= 0 &&
    typeof value?.tool === 'string' &&
    typeof value.cwd === 'string' &&
    isNames(value.argv) &&
    isNames(value.goals) &&
    Array.isArray(value.nodes);
  if (!whole) return undefined;
  const { i, tool, cwd, argv, goals } = value;
  return { i, tool, cwd, argv, goals };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
