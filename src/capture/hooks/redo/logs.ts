// Parses a target's log. redo writes the target's stderr to it, and its own records between:
// `@@REDO:kind:pid:time@@ text`, each to the end of its line. Chunks may be cut anywhere. Pure.

import path from 'node:path';

/** A part of a log. */
export type LogPiece =
  /** Output; `fromRedo`: a message of redo's, as redo-log prints it. */
  | { readonly kind: 'text'; readonly bytes: Buffer; readonly fromRedo?: true }
  /**
   * The target asked for another one, which was built now, unchanged, or waited for. `mid`: inside a line.
   */
  | {
      readonly kind: 'mention';
      readonly name: string;
      readonly mid: boolean;
      readonly t: number;
      readonly built: boolean;
    }
  /** A target that it asked for has ended. `exit`: the status, or below 0 the signal that killed it. */
  | { readonly kind: 'done'; readonly name: string; readonly exit: number; readonly t: number };

const NEWLINE = 0x0a;
const MARK = '@@REDO:';
// Seconds up to the year 5138.
const RECORD = /^([^]*?)@@REDO:([a-z]+):\d+:(\d{1,11}(?:\.\d*)?)@@ ([^]*)$/;
const MENTIONS = new Set(['do', 'unchanged', 'locked', 'waiting', 'unlocked', 'check']);

export class TargetLog {
  readonly #folder: string;
  #rest: Buffer = Buffer.alloc(0);

  /** @param target relative to the base; names in its log are relative to its folder. */
  constructor(target: string) {
    this.#folder = path.posix.dirname(target);
  }

  /** Parses the next part of the log. */
  push(bytes: Buffer): LogPiece[] {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const pieces: LogPiece[] = [];
    let from = 0;
    let at = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, at)) {
      const found = this.#record(all.subarray(at, end));
      if (found) {
        if (at > from) pieces.push({ kind: 'text', bytes: all.subarray(from, at) });
        pieces.push(...found);
        from = end + 1;
      }
      at = end + 1;
    }
    if (at > from) pieces.push({ kind: 'text', bytes: all.subarray(from, at) });
    this.#rest = Buffer.from(all.subarray(at));
    return pieces;
  }

  /** Ends the log. @returns its unfinished last line; `cut` if that has the beginning of a record. */
  end(): { bytes: Buffer; cut: boolean } {
    const bytes = this.#rest;
    this.#rest = Buffer.alloc(0);
    return { bytes, cut: bytes.includes(MARK) };
  }

  #record(line: Buffer): LogPiece[] | undefined {
    if (!line.includes(MARK)) return undefined;
    const [, before = '', kind = '', time = '', latin] = RECORD.exec(line.toString('latin1')) ?? [];
    if (latin === undefined) return undefined;
    const text = Buffer.from(latin, 'latin1').toString('utf8');
    const t = Number(time) * 1000;
    const textOf = (bytes: Buffer): LogPiece[] => (bytes.length > 0 ? [{ kind: 'text', bytes }] : []);
    const head = textOf(Buffer.from(before, 'latin1'));
    if (MENTIONS.has(kind))
      return [
        ...head,
        { kind: 'mention', name: this.#name(text), mid: before !== '', t, built: kind === 'do' },
      ];
    if (kind === 'done') {
      const [, exit = '', name] = /^(-?\d{1,3}) (.*)$/.exec(text) ?? [];
      if (name === undefined || Number(exit) < -127 || Number(exit) > 255) return undefined;
      return [...head, { kind: 'done', name: this.#name(name), exit: Number(exit), t }];
    }
    if (kind === 'resumed') return head;
    // The prefixes that redo-log prints.
    const start = kind === 'debug' ? 'redo  ' : 'redo: ';
    if (!['error', 'warning', 'debug'].includes(kind)) return undefined;
    return [...head, { kind: 'text', bytes: Buffer.from(`${start}${text}\n`), fromRedo: true }];
  }

  #name(text: string): string {
    return path.posix.join(this.#folder, text);
  }
}
