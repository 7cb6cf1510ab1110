// What the worker has open, and how each question is answered from it.

import { around } from '../documents/find.ts';
import { searchPattern } from '../documents/find.ts';
import type { Document } from '../documents/document.ts';
import { PieceDocument } from '../documents/pieces.ts';
import { Failure } from '../model/failure.ts';
import type { Sliced } from '../model/sliced.ts';
import type { SearchPattern } from '../search/pattern.ts';
import { Answers } from './answers.ts';
import type { Background } from './background.ts';
import { Facts } from './facts.ts';
import type { Handlers } from './handlers.ts';
import { JobRows } from './jobrows.ts';
import { type OpenDocument, OpenDocuments } from './opendocuments.ts';
import { PageBuild } from './pagebuild.ts';
import type {
  DocumentAsked,
  DocumentState,
  FindAsked,
  Found,
  Lines,
  LinesAsked,
  Matches,
  NoticeName,
  Notices,
  Opened,
  Position,
} from './protocol.ts';
import type { Source } from './source.ts';
import { TextLines, linesAround } from './textlines.ts';

/** At most so many lines are answered at once. */
const MOST_LINES = 500;
/** The least time between two notices of the same kind, in milliseconds. */
const NOTICE_MS = 150;
/** At most so many parts of a scrollbar are told apart. */
const MOST_PARTS = 5000;

/** What of the build is open. */
interface Bench {
  readonly build: PageBuild;
  readonly facts: Facts;
  readonly rows: JobRows;
  readonly documents: OpenDocuments;
  readonly text: TextLines;
  readonly answers: Answers;
}

type Notify = <N extends NoticeName>(notice: N, of: Notices[N]) => void;

export class Workbench {
  readonly #source: Source;
  readonly #background: Background;
  readonly #notify: Notify;
  readonly #now: () => number;
  readonly #wake: () => void;
  #bench: Bench | undefined;

  /** @param wake there is work in the background. */
  constructor(source: Source, background: Background, notify: Notify, now: () => number, wake: () => void) {
    this.#source = source;
    this.#background = background;
    this.#notify = notify;
    this.#now = now;
    this.#wake = wake;
  }

  readonly handlers: Handlers = {
    builds: (of) => this.#source.builds(of),
    open: (of) => this.#open(of.build),
    summary: () => this.#here.facts.summary(),
    tree: (of) => this.#here.rows.set(of),
    rows: ({ from, count }) => this.#here.rows.rows(from, count),
    fold: ({ job, folded }) => this.#here.rows.fold(job, folded),
    rowOf: ({ job }) => this.#here.rows.rowOf(job),
    nextFailure: ({ from, ahead }) => this.#here.rows.nextFailure(from, ahead),
    job: ({ job }) => this.#here.answers.job(job),
    names: ({ jobs }) => jobs.map((job) => this.#here.build.nameOf(this.#here.build.job(job))),
    document: (of) => this.#document(of),
    lines: (of) => this.#lines(of),
    close: ({ document }) => {
      this.#here.documents.close(document);
      return undefined;
    },
    find: (of) => this.#find(of),
    count: ({ document, pattern, offset }) => this.#count(document, pattern, offset),
    grep: ({ pattern }) =>
      this.#here.answers.grep(patternOf(pattern), pattern, (hits) => {
        this.#notify('hits', hits);
      }),
    problem: (of) => this.#here.answers.problem(this.#here.documents.get(of.document), of),
    marks: ({ document, parts, pattern }) =>
      this.#here.answers.marks(
        this.#here.documents.get(document),
        Math.max(1, Math.min(parts, MOST_PARTS)),
        pattern === undefined ? undefined : patternOf(pattern),
      ),
    problems: (of) => this.#here.answers.problems(of),
    timeline: () => this.#here.answers.timeline(),
    text: ({ document, from, to }) => this.#here.answers.text(this.#here.documents.get(document), from, to),
    raw: ({ job, from }) => this.#here.answers.raw(job, from),
    trace: ({ part }) => this.#here.answers.trace(part),
    resolve: ({ link }) => this.#here.answers.resolve(link),
    link: ({ document, offset }) => this.#here.answers.link(this.#here.documents.get(document), offset),
  };

  get #here(): Bench {
    if (!this.#bench) throw new Failure('no build is open');
    return this.#bench;
  }

  async #open(id: string | undefined): Promise<Opened> {
    const source = await this.#source.open(id);
    this.#close();
    const build = new PageBuild(source, this.#now);
    for (const work = build.read(); !work.next().done;) {
      this.#notify('progress', { loaded: build.loaded });
      await new Promise<void>((resolve) => {
        this.#background.add(() => {
          this.#background.clear();
          resolve();
          return false;
        });
        this.#wake();
      });
    }
    const facts = new Facts(build);
    const rows = new JobRows(build, facts);
    const text = new TextLines();
    const answers = new Answers(build, facts, text);
    this.#bench = { build, facts, rows, documents: new OpenDocuments(build), text, answers };
    this.#workOn(this.#bench);
    return {
      build: build.row,
      folder: build.build.started?.cwd ?? '',
      state: build.state,
      problems: build.problems,
      notes: build.build.notes,
      alone: this.#source.alone,
    };
  }

  #close(): void {
    this.#background.clear();
    this.#bench?.build.close();
    this.#bench = undefined;
  }

  /** What is done when nothing is asked. */
  #workOn({ facts, documents }: Bench): void {
    let told = 0;
    let fresh = false;
    /** Tells of more now and then, and when there is no more. */
    const telling = (step: () => boolean) => (): boolean => {
      const more = step();
      if (more) fresh = true;
      const now = performance.now();
      if (fresh && (!more || now - told > NOTICE_MS)) {
        fresh = false;
        told = now;
        this.#notify('summary', facts.summary());
      }
      return more;
    };
    this.#background.add(telling(facts.measure));
    this.#background.add(telling(facts.readProblems));
    const toldOf = new Map<number, number>();
    this.#background.add(() => {
      for (const open of documents.all()) {
        if (!open.numbers.step()) continue;
        const now = performance.now();
        const done = open.numbers.total !== undefined;
        if (done || now - (toldOf.get(open.number) ?? 0) > NOTICE_MS) {
          toldOf.set(open.number, now);
          this.#notify('document', documents.state(open));
        }
        return true;
      }
      return false;
    });
    this.#wake();
  }

  #document(asked: DocumentAsked): DocumentState {
    const { documents } = this.#here;
    const open = documents.open(asked, undefined, unavailable(asked, this.#source.alone));
    // A screen of it is there at once; the rest is found out in the background.
    open.document.at(0);
    this.#wake();
    return { ...documents.state(open), startAt: this.#here.answers.startAt(open) };
  }

  *#lines({ document: number, position, before, after, pattern }: LinesAsked): Sliced<Lines> {
    const { documents, text, answers } = this.#here;
    const open = documents.get(number);
    const { document, numbers } = open;
    const start = yield* this.#start(open, position);
    const most = (count: number): number => Math.max(0, Math.min(count, MOST_LINES));
    const { list, at } = linesAround(document, start, most(before), most(after));
    const compiled = pattern === undefined ? undefined : patternOf(pattern);
    return {
      ...documents.state(open),
      list: list.map((line) => {
        const problem = answers.problemAt(open, line.start);
        const number = line.continued ? undefined : numbers.of(line.start);
        return { ...text.line(line, number, compiled), ...(problem && { problem }) };
      }),
      at,
    };
  }

  /** The start of the line at a position. */
  *#start({ document, numbers }: OpenDocument, position: Position): Sliced<number> {
    if ('offset' in position) return document.startOf(position.offset);
    if ('fraction' in position) return document.startOf(Math.floor(position.fraction * document.knownEnd));
    if ('end' in position) return document.before(document.end()) ?? 0;
    if ('line' in position) {
      for (;;) {
        const start = numbers.startOf(position.line);
        if (start !== undefined) return start;
        if (!numbers.step()) return lastStart(document);
        yield;
      }
    }
    if (!(document instanceof PieceDocument)) return 0;
    const offset = document.find(this.#here.build.job(position.job), position.byte);
    return offset === undefined ? 0 : document.startOf(offset);
  }

  *#find({ document: number, pattern, offset, ahead }: FindAsked): Sliced<Found | undefined> {
    const { document } = this.#here.documents.get(number);
    const from = ahead ? (document.at(offset)?.next ?? 0) : offset;
    const found = yield* around(document, from, patternOf(pattern), ahead);
    return found && { offset: found.at, again: found.again };
  }

  *#count(number: number, pattern: string, offset?: number): Sliced<Matches> {
    const { documents } = this.#here;
    const open = documents.get(number);
    const counting = documents.matches(open, patternOf(pattern), pattern);
    const state = (done: boolean): Matches => {
      const before = offset === undefined ? undefined : counting.of(offset);
      return {
        document: number,
        pattern,
        lines: counting.total,
        done,
        ...(before === undefined ? {} : { before: Math.max(0, before - 1) }),
      };
    };
    let told = performance.now();
    while (counting.step()) {
      if (performance.now() - told > NOTICE_MS) {
        told = performance.now();
        this.#notify('matches', state(false));
      }
      yield;
    }
    return state(true);
  }
}

/** What cannot be shown, and why. */
function unavailable({ kind }: DocumentAsked, alone: boolean): string | undefined {
  if (kind === 'diff')
    return alone
      ? 'This page holds one build, and there is none to compare it with; loglin diff compares builds'
      : 'The page does not compare builds yet; loglin diff does';
  if (kind === 'why') return 'The page does not know why jobs ran yet; loglin why does';
  return undefined;
}

function lastStart(document: Document): number {
  return document.before(document.end()) ?? 0;
}

let known: { readonly text: string; readonly pattern: SearchPattern } | undefined;

/** @throws Failure if it is not a valid expression. */
function patternOf(text: string): SearchPattern {
  if (known?.text !== text) known = { text, pattern: searchPattern(text) };
  return known.pattern;
}
