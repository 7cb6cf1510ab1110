// Reads what tup's data base, .tup/db, says about commands: what they make, what they need, and how tup shows
// them. Reading it is sqlite.ts' part.

import path from 'node:path';

/** The types of nodes, as tup's db_types.h numbers them; the others are of no use here. */
const FILE = 0;
const COMMAND = 1;
const GENERATED = 4;
const GROUP = 6;

/** The unfinished commands are in modify_list: those that are to run, and those that have failed. */
export const QUERY = `select 'n', id, dir, type, mtime, hex(name), hex(coalesce(display, '')) from node
where type not in (3, 5) order by id;
select 'l', from_id, to_id from normal_link order by from_id;
select 'l', from_id, to_id from sticky_link order by from_id;
select 'm', id from modify_list;`;

/** A command of tup's, which it runs when one of its inputs has changed. */
export interface TupCommand {
  readonly id: number;
  /** As tup names it where it shows it: the folder of its Tupfile, unless that is the top, and its text. */
  readonly label: string;
  /** The text of its `^ ^`, or the command. */
  readonly text: string;
  readonly command: string;
  /** Relative to the top, in the order in which tup knows them. */
  readonly outputs: readonly string[];
  /** Files and groups, those that it was found to read included. */
  readonly needs: readonly string[];
  /** Those that no command makes. */
  readonly sources: readonly string[];
  /** When its first output was made, in seconds since the epoch; undefined if that has never been. */
  readonly made: number | undefined;
}

interface Node {
  readonly id: number;
  readonly folder: number;
  readonly type: number;
  readonly time: number;
  readonly name: string;
  readonly display: string;
  readonly from: number[];
  readonly to: number[];
}

export class TupDatabase {
  readonly #nodes = new Map<number, Node>();
  readonly #unfinished = new Set<number>();
  readonly #commands = new Map<number, TupCommand>();
  readonly #byLabel = new Map<string, TupCommand[]>();

  /** @param rows what the query has selected. */
  constructor(rows: readonly (readonly string[])[]) {
    for (const [kind, ...words] of rows) {
      const [id = 0, folder = 0, type = 0, time = 0] = words.map(Number);
      if (kind === 'm') this.#unfinished.add(id);
      if (kind === 'l') this.#link(id, folder);
      if (kind !== 'n') continue;
      const [name = '', display = ''] = words.slice(4).map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
      this.#nodes.set(id, { id, folder, type, time, name, display, from: [], to: [] });
    }
    for (const node of this.#nodes.values()) if (node.type === COMMAND) this.#add(node);
  }

  command(id: number): TupCommand | undefined {
    return this.#commands.get(id);
  }

  commands(): Iterable<TupCommand> {
    return this.#commands.values();
  }

  /** Is there anything of that number, be it a command or not? */
  knows(id: number): boolean {
    return this.#nodes.has(id);
  }

  /**
   * The commands that tup shows so.
   * @param label the first line; with `--verbose` it has the command, not its text.
   */
  labelled(label: string): readonly TupCommand[] {
    return this.#byLabel.get(label) ?? [];
  }

  isUnfinished(id: number): boolean {
    return this.#unfinished.has(id);
  }

  /** The groups, each with the generated files in it. */
  *groups(): Generator<{ readonly name: string; readonly members: readonly string[] }> {
    for (const node of this.#nodes.values())
      if (node.type === GROUP) yield { name: this.#path(node), members: this.#paths(node.from, GENERATED) };
  }

  #link(from: number, to: number): void {
    const [source, target] = [this.#nodes.get(from), this.#nodes.get(to)];
    if (!source || !target) return;
    source.to.push(to);
    target.from.push(from);
  }

  #add(node: Node): void {
    const { id, name: command, display } = node;
    const folder = this.#nodes.get(node.folder);
    const place = folder ? this.#path(folder) : '';
    const text = display === '' ? command : display;
    const before = place === '' ? '' : `${place}: `;
    const made = this.#node(node.to, GENERATED)?.time ?? -1;
    const known: TupCommand = {
      id,
      label: before + text,
      text,
      command,
      outputs: this.#paths(node.to, GENERATED),
      needs: this.#paths(node.from, FILE, GENERATED, GROUP),
      sources: this.#paths(node.from, FILE),
      made: made < 0 ? undefined : made,
    };
    this.#commands.set(id, known);
    for (const label of new Set([known.label, before + command].map((shown) => shown.split('\n', 1)[0]!))) {
      const same = this.#byLabel.get(label);
      if (same) same.push(known);
      else this.#byLabel.set(label, [known]);
    }
  }

  #node(ids: readonly number[], type: number): Node | undefined {
    return ids.map((id) => this.#nodes.get(id)).find((node) => node?.type === type);
  }

  #paths(ids: readonly number[], ...types: readonly number[]): string[] {
    const nodes = [...new Set(ids)].sort((a, b) => a - b).map((id) => this.#nodes.get(id));
    return nodes.flatMap((node) => (node && types.includes(node.type) ? [this.#path(node)] : []));
  }

  /** A node's path, relative to the top, which is its own ancestor. */
  #path(node: Node): string {
    const names: string[] = [];
    for (let at: Node | undefined = node; at && at.name !== '.' && names.length < 1000;) {
      names.unshift(at.name);
      at = this.#nodes.get(at.folder);
    }
    return path.posix.join(...names, '.') === '.' ? '' : path.posix.join(...names);
  }
}
