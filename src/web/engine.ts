// The page's side of the worker: questions as promises, notices as callbacks.

import type {
  AnswerTo,
  FromWorker,
  NoticeName,
  Notices,
  Of,
  Piece,
  QuestionName,
  StartOptions,
  ToWorker,
} from './protocol.ts';

/** What of a Worker is needed; a MessagePort in tests. */
export interface Port {
  postMessage(message: ToWorker | Piece): void;
  addEventListener(type: 'message', listener: (event: { readonly data: FromWorker }) => void): void;
}

/** The worker could not answer: its message is for the user. */
export class EngineError extends Error {
  /** It says what is wrong with the build or the question; otherwise it is a fault of loglin. */
  readonly expected: boolean;

  constructor(message: string, expected: boolean) {
    super(message);
    this.name = 'EngineError';
    this.expected = expected;
  }
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: EngineError) => void;
}

type Listener<N extends NoticeName> = (of: Notices[N]) => void;

export class Engine {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  readonly #lanes = new Map<string, number>();
  readonly #listeners = new Map<NoticeName, Set<Listener<never>>>();
  #last = 0;

  constructor(port: Port, start: StartOptions) {
    this.#port = port;
    port.addEventListener('message', ({ data }) => {
      this.#take(data);
    });
    port.postMessage({ start });
  }

  /** Tells whether anybody can see the page: else nothing need be followed. */
  setSeen(seen: boolean): void {
    this.#port.postMessage({ seen });
  }

  /** Hands a part of the embedded build to the worker. */
  give(piece: Piece): void {
    this.#port.postMessage(piece);
  }

  /**
   * Asks the worker.
   * @param lane a later question of the same lane takes this one's place: its promise then stays open.
   * @throws EngineError if there is no answer.
   */
  ask<Q extends QuestionName>(ask: Q, of: Of<Q>, lane?: string): Promise<AnswerTo<Q>> {
    const id = ++this.#last;
    if (lane !== undefined) {
      const before = this.#lanes.get(lane);
      if (before !== undefined && this.#waiting.delete(before)) this.#port.postMessage({ cancel: before });
      this.#lanes.set(lane, id);
    }
    return new Promise<AnswerTo<Q>>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, ask, of } as ToWorker);
    });
  }

  /** Calls back for each notice of a kind. @returns a function that ends this. */
  on<N extends NoticeName>(notice: N, listener: Listener<N>): () => void {
    let listeners = this.#listeners.get(notice);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(notice, listeners);
    }
    const known = listeners;
    known.add(listener);
    return () => known.delete(listener);
  }

  #take(message: FromWorker): void {
    if ('notice' in message) {
      for (const listener of this.#listeners.get(message.notice) ?? []) listener(message.of as never);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (!waiting) return;
    if ('error' in message) waiting.reject(new EngineError(message.error, message.expected));
    else waiting.resolve(message.answer as never);
  }
}
