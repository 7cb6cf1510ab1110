// What answers the questions of the protocol. Types only.

import type { Sliced } from '../model/sliced.ts';
import type { AnswerTo, Of, QuestionName } from './protocol.ts';

/** An answer, now, later, or in slices. */
export type Reply<T> = T | Promise<T> | Sliced<T>;
export type Handlers = { readonly [Q in QuestionName]: (of: Of<Q>) => Reply<AnswerTo<Q>> };
