// What the worker has open, and how each question is answered from it.

import { around, searchPattern } from '../documents/find.ts';
import { nameTest } from '../documents/tree.ts';
import { problemText } from '../render/problem.ts';
import type { Segments } from '../linearize/segments.ts';
import { PartReader, rawPart, shownText, linesText, traceBytes } from './bytestreams.ts';
import { changeOf, diffDocument } from './diffs.ts';
import { knownBut, problemsBefore } from './newproblems.ts';
import { OtherBuilds } from './otherbuilds.ts';
import { problemsDocument, whyDocument } from './textdocuments.ts';
import { grep } from './grep.ts';
import { JobFacts } from './jobdetails.ts';
import { Links } from './links.ts';
import { ProblemMarking } from './problemmarking.ts';
import { timelineOf } from './timelines.ts';
import type { Document } from '../documents/document.ts';
import { PieceDocument } from '../documents/pieces.ts';
import { Failure } from '../model/failure.ts';
import type { Sliced } from '../model/sliced.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import type { SearchPattern } from '../search/pattern.ts';
import type { Background } from './background.ts';
import { Facts } from './facts.ts';
import type { Handlers } from './handlers.ts';
import { JobRows } from './jobrows.ts';
import { type OpenDocument, OpenDocuments } from './opendocuments.ts';
import { PageBuild } from './pagebuild.ts';
import type {
  AnswerTo,
  Of,
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
import type { Source, SourceEvents } from './source.ts';
import { TextLines, linesAround } from './textlines.ts';

/** At most so many lines are answered at once. */
const MOST_LINES = 500;
/** The least time between two notices of the same kind, in milliseconds. */
const NOTICE_MS = 150;

/** What of the build is open. */
interface Bench {
  readonly build: PageBuild;
  readonly facts: Facts;
  readonly rows: JobRows;
  readonly documents: OpenDocuments;
  readonly text: TextLines;
  readonly links: Links;
  readonly marking: ProblemMarking;
  readonly jobs: JobFacts;
  readonly parts: PartReader;
  readonly others: OtherBuilds;
}

type Notify = <N extends NoticeName>(notice: N, of: Notices[N]) => void;

export class Workbench {
  readonly #source: Source;
  readonly #background: Background;
  readonly #notify: Notify;
  readonly #now: () => number;
  readonly #wake: () => void;
  #bench: Bench | undefined;
  /** How often a build was to be opened: the last one counts, whichever comes first. */
  #opening = 0;

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
    job: ({ job }) => this.#here.jobs.details(job),
    names: ({ jobs }) => jobs.map((job) => this.#here.build.nameOf(this.#here.build.job(job))),
    document: (of) => (of.kind === 'diff' ? this.#diff(of) : this.#document(of)),
    lines: (of) => this.#lines(of),
    close: ({ document }) => {
      // It has gone with its build if another one is open.
      this.#bench?.documents.close(document);
      return undefined;
    },
    find: (of) => this.#find(of),
    count: ({ document, pattern, offset }) => this.#count(document, pattern, offset),
    grep: ({ pattern }) => {
      const { build, text } = this.#here;
      return grep(build, build.shown, text, patternOf(pattern), pattern, (hits) => {
        this.#notify('hits', hits);
      });
    },
    problem: ({ document, offset, ahead, errors = false }) => {
      const { documents, marking } = this.#here;
      return marking.next(documents.get(document), offset, ahead, errors);
    },
    marks: ({ document, parts }) => this.#here.marking.marks(this.#here.documents.get(document), parts),
    problems: (of) => this.#problems(of),
    timeline: () => timelineOf(this.#here.build, this.#here.facts.measured()),
    text: (of) => this.#text(of),
    raw: ({ job, from }) => rawPart(this.#here.build, this.#here.build.job(job), from),
    trace: ({ part }) => {
      const { build, facts, parts } = this.#here;
      return parts.read('trace', part, () => traceBytes(build, facts.measured()));
    },
    resolve: ({ link }) => this.#here.links.resolve(link),
    link: ({ document, offset }) => {
      const { documents, links } = this.#here;
      const { asked, numbers } = documents.get(document);
      return links.link(asked, offset === undefined ? undefined : numbers.of(offset));
    },
  };

  readonly events: SourceEvents = {
    grown: () => {
      this.#grown = true;
      this.#wake();
    },
    gone: (message) => {
      this.#notify('gone', { message });
    },
    connection: (online) => {
      this.#notify('connection', { online });
    },
    builds: () => {
      this.#notify('builds', {});
    },
  };

  /** There is more of the build than was read. */
  #grown = false;
  #growing: Sliced<void> | undefined;

  /** Reads what has come. @returns false if there is nothing new. */
  #readOn({ build, documents }: Bench): boolean {
    if (!this.#growing) {
      if (!this.#grown) return false;
      this.#grown = false;
      this.#growing = build.read();
    }
    try {
      if (!this.#growing.next().done) return true;
    } catch (error) {
      // It goes on where it was.
      this.#growing = undefined;
      this.#grown = true;
      throw error;
    }
    this.#growing = undefined;
    documents.wake();
    this.#notify('grown', { state: build.state, ...build.counts(), revision: build.revision });
    return true;
  }

  get #here(): Bench {
    if (!this.#bench) throw new Failure('no build is open');
    return this.#bench;
  }

  async #open(id: string | undefined): Promise<Opened> {
    const opening = ++this.#opening;
    const source = await this.#source.open(id);
    if (opening !== this.#opening) {
      source.close();
      throw new Failure('another build is being opened');
    }
    this.#close();
    const build = new PageBuild(source, this.#now);
    await this.#background.run(this.#loading(build));
    const facts = new Facts(build);
    const rows = new JobRows(build, facts);
    const links = new Links(build);
    this.#bench = {
      build,
      facts,
      rows,
      links,
      documents: new OpenDocuments(build),
      marking: new ProblemMarking(build),
      jobs: new JobFacts(build, links),
      text: new TextLines(),
      parts: new PartReader(),
      others: new OtherBuilds(this.#source, build, this.#background, this.#now),
    };
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

  *#loading(build: PageBuild): Sliced<void> {
    for (const work = build.read(); !work.next().done;) {
      this.#notify('progress', { loaded: build.loaded });
      yield;
    }
  }

  #close(): void {
    this.#background.clear();
    this.#grown = false;
    this.#growing = undefined;
    this.#bench?.build.close();
    this.#bench = undefined;
  }

  /** What is done when nothing is asked. */
  #workOn(bench: Bench): void {
    const { facts, documents, marking } = bench;
    /** Tells of more now and then, and when there is no more. */
    const telling = (step: () => boolean): (() => boolean) => {
      let told = 0;
      let fresh = false;
      return () => {
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
    };
    this.#background.add(() => this.#readOn(bench));
    this.#background.add(telling(facts.measure));
    this.#background.add(telling(facts.readProblems));
    this.#background.add(this.#compareProblems(bench));
    const toldOf = new Map<number, number>();
    this.#background.add(() => {
      for (const open of documents.all()) {
        if (!open.numbers.step() && !marking.step(open)) continue;
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

  *#document(asked: DocumentAsked): Sliced<DocumentState> {
    const { documents, marking, build, facts } = this.#here;
    const text =
      asked.kind === 'why'
        ? whyDocument(build, build.job(asked.job))
        : asked.kind === 'problems'
          ? problemsDocument(facts.found, build.nameOf)
          : undefined;
    const open = documents.open(asked, text);
    // A screen of it is there at once; the rest is found out in the background.
    open.document.at(0);
    const startAt = yield* marking.start(open);
    this.#wake();
    return { ...documents.state(open), startAt };
  }

  async #diff(asked: Extract<DocumentAsked, { readonly kind: 'diff' }>): Promise<DocumentState> {
    const bench = this.#here;
    const { build, documents, others } = bench;
    if (this.#source.alone) return documents.state(documents.open(asked, undefined, NO_OTHER));
    const text = await diffDocument(build, build.job(asked.job), asked.with, others);
    if (this.#bench !== bench) throw new Failure('another build is shown by now');
    return documents.state(documents.open(asked, text));
  }

  /** Finds out, once, which problems are new. @returns false if there is nothing to do now. */
  #compareProblems(bench: Bench): () => boolean {
    let begun = false;
    return () => {
      const { facts } = bench;
      if (begun || !facts.problems) return false;
      begun = true;
      this.#problemsBefore(bench, facts.problems).then(
        (known) => {
          if (this.#bench !== bench || !known) return;
          facts.known = known;
          this.#notify('summary', facts.summary());
        },
        () => {
          // The server is away: it is tried again when something else is done.
          setTimeout(() => (begun = false), 2 * NOTICE_MS);
        },
      );
      return true;
    };
  }

  async #problemsBefore(
    { build, others }: Bench,
    found: readonly FoundProblem[],
  ): Promise<ReadonlySet<string> | undefined> {
    const { alone, newProblems } = this.#source;
    if (alone) return newProblems && knownBut(found, newProblems);
    return problemsBefore(build, found, others, this.#background);
  }

  #problems({ from, count, severity, filter = '' }: Of<'problems'>): AnswerTo<'problems'> {
    const { facts } = this.#here;
    const fits = nameTest(filter);
    const rows = facts.found
      .filter(({ problem }) => severity === undefined || problem.severity === severity)
      .filter(({ problem }) => filter === '' || fits(problemText(problem)));
    return {
      total: rows.length,
      done: facts.problems !== undefined,
      list: rows.slice(from, from + Math.min(count, MOST_LINES)).map((found) => facts.problemRow(found)),
    };
  }

  #text({ document: number, from, to }: Of<'text'>): AnswerTo<'text'> {
    const { build, documents, parts } = this.#here;
    const { document, asked } = documents.get(number);
    if (to === undefined && (asked.kind === 'build' || asked.kind === 'block')) {
      const segments = (): Segments =>
        asked.kind === 'build' ? build.wholeSegments() : build.blockWalk(build.job(asked.job));
      return parts.read(`text ${number} ${build.revision}`, from, () => shownText(build, segments()));
    }
    // Of lines from one on, what follows a part begins at 0 again: the key says which lines are meant.
    if (to === undefined) return parts.read(`lines ${number}`, from, () => linesText(document, 0, Infinity));
    const { bytes } = new PartReader().read('', 0, () => linesText(document, from, to));
    return { bytes };
  }

  *#lines({ document: number, position, before, after, pattern }: LinesAsked): Sliced<Lines> {
    const { documents, text, marking } = this.#here;
    const open = documents.get(number);
    const { document, numbers } = open;
    const start = yield* this.#start(open, position);
    const most = (count: number): number => Math.max(0, Math.min(count, MOST_LINES));
    const { list, at } = linesAround(document, start, most(before), most(after));
    const compiled = pattern === undefined ? undefined : patternOf(pattern);
    return {
      ...documents.state(open),
      list: list.map((line) => {
        const number = line.continued ? undefined : numbers.of(line.start);
        const shown = marking.marked(open, text.line(line, number, compiled));
        const change = open.asked.kind === 'diff' ? changeOf(line.text) : undefined;
        return change ? { ...shown, change } : shown;
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

/** Why there is no diff. */
const NO_OTHER = 'this page holds one build: loglin diff compares it with others, where it was recorded';

function lastStart(document: Document): number {
  return document.before(document.end()) ?? 0;
}

let known: { readonly text: string; readonly pattern: SearchPattern } | undefined;

/** @throws Failure if it is not a valid expression. */
function patternOf(text: string): SearchPattern {
  if (known?.text !== text) known = { text, pattern: searchPattern(text) };
  return known.pattern;
}
