// Text that is shown line by line, from any position: the interface of a log, a block or a diff for the log
// pane. Positions are offsets into the text, so that nothing has to be counted before something is shown.

import type { Job } from '../model/build.ts';

/** Where Enter leads from a line, and what `o` opens. */
export interface LinkTarget {
  readonly job?: Job | undefined;
  /** The offset in the job's log. */
  readonly at?: number | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The own log of the wrapped command. */
  readonly ownLog?: true;
}

/** One line. */
export interface DocumentLine {
  readonly start: number;
  /** The start of the next line. */
  readonly next: number;
  /** Sanitised, with its colours and without its newline. */
  readonly text: string;
  /** The line continues one that is too long to be a single line. */
  readonly continued?: true;
  /** The line is not part of the log. */
  readonly mark?: true;
  readonly target?: LinkTarget | undefined;
  /** So many characters at its start are not part of what is searched. */
  readonly label?: number | undefined;
  /** The line's origin in a job's log. */
  readonly origin?: { readonly job: Job; readonly at: number } | undefined;
}

/** A text. */
export interface Document {
  /** The line that starts here, which must be the start of a line; undefined at the end. */
  at(start: number): DocumentLine | undefined;
  /** The start of the line before the one that starts here; undefined at the first line. */
  before(start: number): number | undefined;
  /** The start of the line that holds this offset. */
  startOf(offset: number): number;
  /** The document's end, which may have to be searched for. */
  end(): number;
  /** The document's end as far as it is known without a search. */
  readonly knownEnd: number;
  /** Whether that is its end for now. */
  readonly complete: boolean;
  /** What is wrong with the document, to be shown in its pane. */
  readonly warning: string | undefined;
}

/** The start of the last line. */
export function lastLine(document: Document): number {
  return document.before(document.end()) ?? 0;
}

/** A line of a text that is held in memory. */
export interface TextLine {
  readonly text: string;
  readonly target?: LinkTarget | undefined;
  readonly label?: number | undefined;
}

/** A text of at most a few thousand lines, held in memory. Its offsets are line numbers. */
export class TextDocument implements Document {
  readonly complete = true;
  readonly #lines: TextLine[];

  readonly #warn: () => string | undefined;

  /** @param warn returns what is wrong, to be shown in the pane. */
  constructor(lines: readonly TextLine[], warn: () => string | undefined = () => undefined) {
    this.#lines = [...lines];
    this.#warn = warn;
  }

  /** Appends a line. */
  add(line: TextLine): void {
    this.#lines.push(line);
  }

  get warning(): string | undefined {
    return this.#warn();
  }

  get knownEnd(): number {
    return this.#lines.length;
  }

  at(start: number): DocumentLine | undefined {
    const line = this.#lines[start];
    return line && { start, next: start + 1, ...line };
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
