// The documents that the page has open, by number: made when they are asked for, with their line numbers and
// the marks of their problems.

import type { Document } from '../documents/document.ts';
import { TextDocument } from '../documents/document.ts';
import { jobBlock, jobLog } from '../documents/log.ts';
import { LineNumbers } from '../documents/numbers.ts';
import { PieceDocument } from '../documents/pieces.ts';
import type { Job } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { escapeName } from '../model/printable.ts';
import { duration } from '../render/formats.ts';
import { PlainRenderer } from '../render/plain.ts';
import type { SearchPattern } from '../search/pattern.ts';
import { MatchCount } from '../documents/matchcount.ts';
import type { PageBuild } from './pagebuild.ts';
import type { DocumentAsked, DocumentNumber, DocumentState, Standing } from './protocol.ts';

export interface OpenDocument {
  readonly number: DocumentNumber;
  readonly asked: DocumentAsked;
  readonly title: string;
  readonly document: Document;
  /** The job whose log it is, or that its block is of. */
  readonly job: Job | undefined;
  readonly numbers: LineNumbers;
  /** The lines that match the pattern that was asked for last. */
  matches: MatchCount | undefined;
  readonly unavailable?: string;
}

/** At most so many are open: the one that was used longest ago is closed. */
const MOST_OPEN = 24;

/** The signs and colours of jobs, as in the browser in the terminal. */
const SIGNS: Readonly<Record<Standing, readonly [sign: string, style: string]>> = {
  ok: ['✓', '32'],
  failed: ['✗', '1;31'],
  ignored: ['~', '35'],
  running: ['●', '35'],
  skipped: ['·', '2'],
  interrupted: ['‖', '35'],
  absent: ['·', '2'],
};

export class OpenDocuments {
  readonly #build: PageBuild;
  readonly #open = new Map<DocumentNumber, OpenDocument>();
  #last = 0;

  constructor(build: PageBuild) {
    this.#build = build;
  }

  /** @throws Failure if it is not open any more. */
  get(number: DocumentNumber): OpenDocument {
    const open = this.#open.get(number);
    if (!open) throw new Failure('this text is not open any more');
    this.#open.delete(number);
    this.#open.set(number, open);
    return open;
  }

  all(): Iterable<OpenDocument> {
    return this.#open.values();
  }

  close(number: DocumentNumber): void {
    this.#open.delete(number);
  }

  /** @param text of a document that is no log. */
  open(asked: DocumentAsked, text?: Document, unavailable?: string): OpenDocument {
    const job =
      'job' in asked ? this.#build.job(asked.job) : asked.kind === 'build' ? this.#build.root : undefined;
    const document = text ?? this.#document(asked, job);
    const open: OpenDocument = {
      number: ++this.#last,
      asked,
      title: this.#title(asked, job),
      document,
      job,
      numbers: new LineNumbers(document),
      matches: undefined,
      ...(unavailable === undefined ? {} : { unavailable }),
    };
    this.#open.set(open.number, open);
    for (const number of this.#open.keys()) {
      if (this.#open.size <= MOST_OPEN) break;
      this.#open.delete(number);
    }
    return open;
  }

  /** The logs may have grown. */
  wake(): void {
    for (const { document } of this.#open.values()) if (document instanceof PieceDocument) document.wake();
  }

  state({ number, title, document, numbers, asked, job, unavailable }: OpenDocument): DocumentState {
    const lines = numbers.total;
    const { warning } = document;
    const grows = document instanceof PieceDocument && this.#build.state === 'running';
    return {
      document: number,
      title,
      length: document.knownEnd,
      complete: document.complete,
      ...(lines === undefined ? {} : { lines }),
      ...(warning === undefined ? {} : { warning }),
      ...(unavailable === undefined ? {} : { unavailable }),
      grows: grows && (asked.kind === 'build' || job?.ended === undefined),
    };
  }

  /** Counts the lines that match, from the start if it is another pattern. */
  matches(open: OpenDocument, pattern: SearchPattern, text: string): MatchCount {
    const known = this.#patterns.get(open);
    if (open.matches && known === text) return open.matches;
    this.#patterns.set(open, text);
    open.matches = new MatchCount(open.document, pattern);
    return open.matches;
  }

  readonly #patterns = new WeakMap<OpenDocument, string>();

  #title(asked: DocumentAsked, job: Job | undefined): string {
    if (asked.kind === 'build') return 'The whole build';
    if (asked.kind === 'problems') return 'Problems';
    return job ? (job.id === ROOT && !this.#build.named ? job.name : this.#build.nameOf(job)) : '';
  }

  #document(asked: DocumentAsked, job: Job | undefined): Document {
    const build = this.#build;
    const warning = (): string | undefined => job && build.trouble(job);
    if (asked.kind === 'log' && job) return jobLog(job, build.blocks, (child) => this.#mark(child), warning);
    if ((asked.kind === 'block' || asked.kind === 'build') && job) {
      const segments = asked.kind === 'build' ? build.wholeSegments() : build.blockWalk(job);
      const renderer = new PlainRenderer({
        nameOf: build.nameOf,
        ascii: false,
        colour: true,
        escapes: 'colours',
        collapse: true,
        times: false,
      });
      return jobBlock(segments, renderer, build.blocks, warning);
    }
    return new TextDocument([]);
  }

  /** The line for the launch of a job. */
  #mark(child: Job): string {
    const [sign, style] = SIGNS[this.#build.standing(child)];
    const took = child.ended === undefined ? '' : ` ${duration(child.ended - child.started)}`;
    const name = escapeName(this.#build.nameOf(child));
    return `\x1b[1m▸ ${name}\x1b[0m \x1b[${style}m${sign}\x1b[0m\x1b[2m${took}\x1b[0m`;
  }
}
