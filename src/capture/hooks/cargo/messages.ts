// What rustc prints for cargo, and what cargo makes of it: a line of JSON in, the text that cargo prints out
// (on_stderr_line of cargo's compiler/mod.rs); and that text found again in cargo's own output. Pure; knows
// neither jobs nor files.

import { isUtf8 } from 'node:buffer';
import stripAnsi from 'strip-ansi';

const NEWLINE = 0x0a;
const ESCAPE = 0x1b;
/** rustc's own summaries, which cargo replaces by one of its own. */
const SUMMARY = /^aborting due to|warnings? emitted$/;

/**
 * The text of a line of rustc's stderr, as cargo prints it but for the colours, which are those of rustc.
 * @param line without its newline.
 * @returns the lines, or nothing for what is between rustc and cargo alone.
 */
export function renderLine(line: Buffer): Buffer | undefined {
  if (line[0] === 0x7b) {
    const message = parse(line);
    if (message) {
      if (typeof message.rendered === 'string' && typeof message.message === 'string') {
        if (SUMMARY.test(message.message) || message.rendered === '') return undefined;
        return Buffer.from(message.rendered.endsWith('\n') ? message.rendered : `${message.rendered}\n`);
      }
      if ('artifact' in message || 'future_incompat_report' in message) return undefined;
      const kind = message.$message_type;
      if (typeof kind === 'string' && kind !== 'diagnostic') return undefined;
    }
  }
  // A panic of the compiler, a message of the linker.
  return Buffer.concat([line, Buffer.of(NEWLINE)]);
}

function parse(line: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line.toString('utf8')) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/**
 * Without escape sequences, as cargo prints it in a pipe. What is not UTF-8 is not rustc's own text, and
 * stays as it is.
 */
export function plain(text: Buffer): Buffer {
  return text.includes(ESCAPE) && isUtf8(text) ? Buffer.from(stripAnsi(text.toString())) : text;
}

/** The key of a line: its text without colours. */
function keyOf(line: Buffer): string {
  return stripAnsi(line.toString());
}

/**
 * Texts that are expected in cargo's output, since they stand in a crate's log already. cargo prints them
 * with rustc's colours or without.
 */
export class Expected {
  /** By first line, without colours. */
  readonly #texts = new Map<string, { readonly forms: readonly Buffer[] }[]>();

  /** @param text whole lines. */
  add(text: Buffer): void {
    const key = keyOf(text.subarray(0, text.indexOf(NEWLINE)));
    const same = this.#texts.get(key) ?? [];
    same.push({ forms: [plain(text), text] });
    this.#texts.set(key, same);
  }

  clear(): void {
    this.#texts.clear();
  }

  /**
   * Takes what is expected out of cargo's text, each once.
   * @returns what is left; and how many bytes at its end may be the beginning of one that has not come whole
   * yet.
   */
  cut(text: Buffer): { rest: Buffer; open: number } {
    const kept: Buffer[] = [];
    let from = 0;
    let open = 0;
    for (let at = 0; at < text.length && this.#texts.size > 0;) {
      const end = text.indexOf(NEWLINE, at);
      const taken = end < 0 ? 0 : this.#take(text, at, end);
      if (taken > 0) {
        kept.push(text.subarray(from, at));
        at += taken;
        from = at;
      } else if (this.#begins(text.subarray(at), end < 0 ? undefined : end - at)) {
        open = text.length - at;
        break;
      } else {
        at = end < 0 ? text.length : end + 1;
      }
    }
    kept.push(text.subarray(from));
    return { rest: kept.length === 1 ? kept[0]! : Buffer.concat(kept), open };
  }

  /** @returns how many bytes at this place are an expected text, which is not expected any more. */
  #take(text: Buffer, at: number, end: number): number {
    const key = keyOf(text.subarray(at, end));
    const same = this.#texts.get(key);
    for (const one of same ?? [])
      for (const form of one.forms) {
        if (form.length > text.length - at || text.compare(form, 0, form.length, at, at + form.length) !== 0)
          continue;
        const remaining = same?.filter((other) => other !== one) ?? [];
        if (remaining.length > 0) this.#texts.set(key, remaining);
        else this.#texts.delete(key);
        return form.length;
      }
    return 0;
  }

  /** Is this the beginning of an expected text? @param end of its first line, if that is whole. */
  #begins(tail: Buffer, end: number | undefined): boolean {
    const candidates =
      end === undefined ? [...this.#texts.values()].flat() : this.#texts.get(keyOf(tail.subarray(0, end)));
    return (candidates ?? []).some(({ forms }) =>
      forms.some(
        (form) => form.length > tail.length && form.compare(tail, 0, tail.length, 0, tail.length) === 0,
      ),
    );
  }
}
