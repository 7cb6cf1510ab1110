// Turns rustc's lines of JSON into the text that cargo prints for them (on_stderr_line in cargo's
// compiler/mod.rs), and finds that text again in cargo's output. Pure; knows neither jobs nor files.

import { isUtf8 } from 'node:buffer';
import stripAnsi from 'strip-ansi';

const NEWLINE = 0x0a;
const ESCAPE = 0x1b;
/** rustc's summaries, which cargo replaces by its own. */
const SUMMARY = /^aborting due to|warnings? emitted$/;

/**
 * The text that cargo prints for a line of rustc's stderr, but with rustc's colours.
 * @param line without its newline.
 * @returns the lines; undefined for a message that cargo does not print.
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
  // For example a panic of the compiler, or a message of the linker.
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
 * Removes escape sequences, as cargo does in a pipe. Bytes that are not UTF-8 are not rustc's own text, and
 * stay unchanged.
 */
export function plain(text: Buffer): Buffer {
  return text.includes(ESCAPE) && isUtf8(text) ? Buffer.from(stripAnsi(text.toString())) : text;
}

/** The key of a line: its text without colours. */
function keyOf(line: Buffer): string {
  return stripAnsi(line.toString());
}

/**
 * The texts that are expected in cargo's output and are in a crate's log already. cargo prints them with or
 * without rustc's colours.
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

  /**
   * Removes each expected text once from cargo's text.
   * @returns the rest, and how many bytes at its end may be the start of an expected text.
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

  /**
   * Removes a text that stands at this place from the expected ones.
   * @returns its length in bytes; 0 if there is none.
   */
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

  /** Is this the start of an expected text? @param end the end of the first line, if it is complete. */
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
