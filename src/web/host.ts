// The worker's side of the protocol: takes questions, answers them, and works in the background in between.
// A question that came later is not kept waiting by one that takes long: long answers are made in slices.

import { isFailure } from '../model/failure.ts';
import type { Sliced } from '../model/sliced.ts';
import { Background } from './background.ts';
import type { AnswerTo, FromWorker, NoticeName, Notices, QuestionName, ToWorker } from './protocol.ts';
import { type Source, type SourceEvents, Unreachable } from './source.ts';
import type { Handlers, Reply } from './handlers.ts';
import { Workbench } from './workbench.ts';

/** What the host is given by its surroundings. */
export interface Surroundings {
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  /** Calls back soon, after messages that are waiting. */
  later(callback: () => void): void;
  /** Calls back in about a second. */
  pause(callback: () => void): void;
  /** Milliseconds since 1970. */
  now(): number;
}

type Question = Extract<ToWorker, { readonly id: number }>;

/** How long the host works before it looks for messages, in milliseconds. */
const SLICE_MS = 10;

export class Host {
  readonly #surroundings: Surroundings;
  readonly #handlers: Handlers;
  /** To be told of what happens to the builds. */
  readonly events: SourceEvents;
  readonly #background = new Background(() => {
    this.#wake();
  });
  #asked: Question[] = [];
  readonly #long = new Map<number, Sliced<unknown>>();
  /** Questions that are answered later, by promises. */
  readonly #open = new Set<number>();
  #scheduled = false;
  /** The server did not answer when the background last asked it. */
  #unanswered = false;
  /** It is not asked now. */
  #resting = false;

  constructor(source: Source, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const bench = new Workbench(
      source,
      this.#background,
      (notice, of) => {
        this.#notify(notice, of);
      },
      () => surroundings.now(),
      () => {
        this.#wake();
      },
    );
    this.#handlers = bench.handlers;
    this.events = bench.events;
  }

  take(message: Question | { readonly cancel: number }): void {
    if ('cancel' in message) {
      this.#asked = this.#asked.filter(({ id }) => id !== message.cancel);
      this.#long.delete(message.cancel);
      this.#open.delete(message.cancel);
      return;
    }
    this.#asked.push(message);
    this.#wake();
  }

  #notify<N extends NoticeName>(notice: N, of: Notices[N]): void {
    this.#surroundings.post({ notice, of } as FromWorker, []);
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#surroundings.later(() => {
      this.#scheduled = false;
      this.#work();
    });
  }

  #work(): void {
    for (const question of this.#asked.splice(0)) this.#begin(question);
    const end = performance.now() + SLICE_MS;
    let more = true;
    do more = this.#long.size > 0 ? this.#goOn() : this.#workOn();
    while (more && performance.now() < end);
    if (more || this.#long.size > 0) this.#wake();
  }

  /** Takes a step in the background; when the server does not answer, all rests for a second. */
  #workOn(): boolean {
    if (this.#resting) return false;
    try {
      const more = this.#background.step();
      if (this.#unanswered) this.#notify('connection', { online: true });
      this.#unanswered = false;
      return more;
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        // The other work goes on.
        this.#wake();
        throw error;
      }
      if (!this.#unanswered) this.#notify('connection', { online: false });
      this.#unanswered = true;
      this.#resting = true;
      this.#surroundings.pause(() => {
        this.#resting = false;
        this.#wake();
      });
      return false;
    }
  }

  #begin({ id, ask, of }: Question): void {
    try {
      const reply = this.#handlers[ask](of as never) as Reply<AnswerTo<QuestionName>>;
      if (isSliced(reply)) this.#long.set(id, reply);
      else if (reply instanceof Promise) {
        this.#open.add(id);
        reply.then(
          (answer) => {
            if (this.#open.delete(id)) this.#answer(id, answer);
          },
          (error: unknown) => {
            if (this.#open.delete(id)) this.#fail(id, error);
          },
        );
      } else this.#answer(id, reply);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** Goes on with each of the long answers. */
  #goOn(): boolean {
    for (const [id, work] of this.#long) {
      try {
        const { done, value } = work.next();
        if (!done) continue;
        this.#long.delete(id);
        this.#answer(id, value as AnswerTo<QuestionName>);
      } catch (error) {
        this.#long.delete(id);
        this.#fail(id, error);
      }
    }
    return true;
  }

  #answer(id: number, answer: AnswerTo<QuestionName>): void {
    this.#surroundings.post({ id, answer }, buffersOf(answer));
  }

  #fail(id: number, error: unknown): void {
    const expected = isFailure(error);
    const message = error instanceof Error ? error.message : String(error);
    this.#surroundings.post({ id, error: expected ? message : `loglin's fault: ${message}`, expected }, []);
  }
}

function isSliced(reply: unknown): reply is Sliced<AnswerTo<QuestionName>> {
  return typeof reply === 'object' && reply !== null && 'next' in reply && Symbol.iterator in reply;
}

/** The memory of an answer that need not be copied. */
function buffersOf(answer: unknown): ArrayBuffer[] {
  if (typeof answer !== 'object' || answer === null) return [];
  const found = new Set<ArrayBuffer>();
  for (const value of Object.values(answer))
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  return [...found];
}
