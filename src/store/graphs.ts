// The graphs of a build: one line an instance, {"v":1,"i":0,"tool":"make",…} with its nodes. Read node by
// node: a line can have 100 MB, and what it holds must never be there twice.

import fs from 'node:fs';
import { isFailure } from '../model/failure.ts';
import { FlatGraph, type GraphCall, type GraphNode, type InstanceGraph } from '../model/graph.ts';
import type { InstanceId } from '../model/ids.ts';
import { graphFile } from './layout.ts';
import { openPrivate, writeAll } from './privatefiles.ts';
import { GrowingFile } from './tail.ts';
import {
  GRAPH,
  type VersionFields,
  isNewer,
  isReadable,
  passedOver,
  readsOnly,
  versionFields,
} from './versions.ts';

/** A node as it is written: name, needs, what it is, also. */
type NodeRecord = readonly [string, readonly string[], number, (readonly string[])?];

/** Bits of what a node is. */
const RECIPE = 1;
const PHONY = 2;

/** A graph as the store keeps it. */
export interface StoredGraph extends GraphCall {
  readonly i: InstanceId;
  /** Whose it is only. */
  readonly graph: FlatGraph;
}

/** Adds an instance's graph to a build's. @throws where the disk is full. */
export function appendGraph(
  folder: string,
  i: InstanceId,
  { tool, cwd, argv, goals, nodes }: InstanceGraph,
): void {
  const records = Array.from(nodes, ({ name, needs, recipe, phony, also }): NodeRecord => {
    const kind = (recipe ? RECIPE : 0) | (phony ? PHONY : 0);
    return also ? [name, needs, kind, also] : [name, needs, kind];
  });
  const line = { ...versionFields(GRAPH), i, tool, cwd, argv, goals, nodes: records };
  const fd = openPrivate(graphFile(folder), 'a');
  try {
    writeAll(fd, Buffer.from(`${JSON.stringify(line)}\n`));
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The graphs of a build by instance. Damaged lines are passed over: without its graph, an instance has the
 * needs of its jobs.
 */
export function readGraphs(folder: string): Map<InstanceId, StoredGraph> {
  const reader = new GraphReader(folder);
  const graphs = new Map<InstanceId, StoredGraph>();
  const take = (found: readonly StoredGraph[]): void => {
    for (const one of found) {
      const known = graphs.get(one.i);
      if (known) known.graph.putAll(one.graph);
      else graphs.set(one.i, one);
    }
  };
  try {
    for (let found = reader.read(); found; found = reader.read()) take(found);
    take(reader.rest());
  } catch (error) {
    // What was read is good.
    if (!isFailure(error)) throw error;
  } finally {
    reader.close();
  }
  return graphs;
}

const CHUNK = 1 << 20;

/**
 * A node that is longer, or what stands around the nodes, is damage: a hole that a crash left in the file.
 */
const LONGEST = 64 * 1024 * 1024;

/** Of a file that is badly damaged, not every line is named. */
const MOST_NAMED = 20;

/** Reads a build's graphs piece by piece, and goes on where more of them are told. */
export class GraphReader {
  readonly #file: GrowingFile;
  readonly #name: string;
  readonly #scanner = new GraphScanner();
  readonly #buffer: Buffer;
  #unreadable: string | undefined;

  /** The folder's graphs need not be there yet. @param chunk how much is read at once, in bytes. */
  constructor(folder: string, chunk = CHUNK) {
    this.#name = graphFile(folder);
    this.#file = new GrowingFile(this.#name);
    this.#buffer = Buffer.allocUnsafe(chunk);
  }

  /** How far they were read, in bytes, and how many there are now. */
  get progress(): { readonly at: number; readonly size: number } {
    return this.#file.progress;
  }

  /**
   * The graphs that some more bytes complete.
   * @returns undefined where there are no more bytes now.
   * @throws Failure where they cannot be read.
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

  /** What is left at the end: a graph that lacks but its newline. Only of a file that grows no more. */
  rest(): StoredGraph[] {
    return this.#scanner.take(Buffer.of(NEWLINE));
  }

  /** What was wrong with what was read, a line each. */
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

/** How deep the brackets are around what is inside a node. */
const IN_NODE = 3;

/**
 * Cuts the nodes out of a line as its bytes come, so that only what is around them is left to be read at its
 * end.
 */
class GraphScanner {
  /** The damaged lines, but for those that would be too many to name; and how many there were. */
  readonly lines: number[] = [];
  damaged = 0;
  /** The version of a line that is no graph that is known here, and is not damaged. */
  foreign: VersionFields | undefined;
  /** How many lines have ended. */
  #read = 0;
  /** How many bytes of the line are held. */
  #held = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** A comma that comes now belongs to the node before it. */
  #afterNode = false;
  #bad = false;
  #graph = new FlatGraph();
  /** What stands around the nodes. */
  #around: Buffer[] = [];
  /** The beginning of a node. */
  #node: Buffer[] = [];

  /** @param bytes valid until this returns. @returns the graphs that are complete now. */
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

  /** Keeps a piece of the line, if that is not too long for one. */
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

  /** The line is whole. */
  #line(): StoredGraph | undefined {
    this.#read++;
    const version = versionOf(this.#around);
    const readable = isReadable(GRAPH, version);
    const call = this.#bad || !readable ? undefined : parseCall(textOf(this.#around));
    const graph = this.#graph;
    if (!call && (!readable || isNewer(GRAPH, version))) this.foreign ??= version;
    // What follows the last newline is nothing.
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

/** A version is no longer, in bytes. */
const VERSION_LENGTH = 40;
const VERSION = /^\{"v":(\d{1,9})(?:,"minor":(\d{1,9}))?,/;

/** What a line says of its version: at its very beginning, so that it is found whatever else there is. */
function versionOf(pieces: readonly Buffer[]): VersionFields {
  const [, v, minor] = VERSION.exec(Buffer.concat(pieces, VERSION_LENGTH).toString('latin1')) ?? [];
  return {
    ...(v === undefined ? {} : { v: Number(v) }),
    ...(minor === undefined ? {} : { minor: Number(minor) }),
  };
}

/** undefined: it is none. */
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

/** What stands around the nodes; undefined: it is no graph. */
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
