// Text that is shown line by line, from any place in it: what the log pane asks of a log, of a block, of a
// diff. Positions are offsets into the text, so that nothing must be counted before something is shown.

import type { Job } from '../../model/build.ts';

/** Where Enter leads from a line, and what `o` opens. */
export interface Target {
  readonly job?: Job | undefined;
  /** Where in the job's log. */
  readonly at?: number | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** One line. */
export interface Line {
  readonly start: number;
  /** Where the next one starts. */
  readonly next: number;
  /** Sanitised, with its colours; without newline. */
  readonly text: string;
  /** It goes on with a line that is too long to be one. */
  readonly continued?: true;
  /** It is none of the log's own. */
  readonly mark?: true;
  readonly target?: Target | undefined;
  /** Where it is from: a job's log. */
  readonly origin?: { readonly job: Job; readonly at: number } | undefined;
}

/** A text. */
export interface Document {
  /** The line that starts here, which must be the start of one; undefined at the end. */
  at(start: number): Line | undefined;
  /** The start of the line before the one that starts here; undefined at the first. */
  before(start: number): number | undefined;
  /** The start of the line that holds this offset. */
  startOf(offset: number): number;
  /** Its end, after looking for it if that is needed. */
  end(): number;
  /** Its end as far as it is known without looking. */
  readonly known: number;
  /** What is wrong with it, for its pane. */
  readonly trouble: string | undefined;
}

/** The start of the last line. */
export function lastLine(document: Document): number {
  return document.before(document.end()) ?? 0;
}

/** A text of a few thousand lines at most, which is held. Offsets are the lines' numbers. */
export class TextDocument implements Document {
  readonly trouble = undefined;
  readonly #lines: readonly { readonly text: string; readonly target?: Target | undefined }[];

  constructor(lines: readonly { readonly text: string; readonly target?: Target | undefined }[]) {
    this.#lines = lines;
  }

  get known(): number {
    return this.#lines.length;
  }

  at(start: number): Line | undefined {
    const line = this.#lines[start];
    return line && { start, next: start + 1, text: line.text, target: line.target };
  }

  before(start: number): number | undefined {
    return start > 0 ? Math.min(start, this.#lines.length) - 1 : undefined;
  }

  startOf(offset: number): number {
    return Math.max(0, Math.min(offset, this.#lines.length - 1));
  }

  end(): number {
    return this.#lines.length;
  }
}
