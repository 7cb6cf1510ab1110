// The signs and colours of builds and jobs, the same in all panes; and times as short as they can be. Red,
// green, magenta and attributes only: black, white, blue, yellow and cyan are hard to see on dark terminals
// or on light ones. No colour says what a sign or a word does not say too.

import { type Job, failed, succeeded } from '../../model/build.ts';
import type { BuildItem, OpenBuild } from '../state.ts';
import { type Span, span } from '../text/spans.ts';

export const RED = '1;31';
const GREEN = '32';
const MAGENTA = '35';
export const DIM = '2';
export const BOLD = '1';
export const QUESTION = '1;7';
/** The row of the cursor, where the keys go and where they do not. */
export const CURSOR = '7';
export const CURSOR_ELSEWHERE = '4';

const SIGNS = {
  ok: ['✓', '.', GREEN],
  failed: ['✗', 'x', RED],
  running: ['●', '*', MAGENTA],
  interrupted: ['‖', '!', MAGENTA],
  damaged: ['?', '?', RED],
  past: ['=', '=', DIM],
  ignored: ['~', '~', MAGENTA],
  unknown: ['·', ' ', DIM],
} as const;

function sign(kind: keyof typeof SIGNS, ascii: boolean): Span {
  const [text, plain, style] = SIGNS[kind];
  return span(ascii ? plain : text, style);
}

export function buildMark(state: BuildItem['state'], ascii: boolean): Span {
  return sign(state, ascii);
}

export function jobMark(job: Job, open: OpenBuild, ascii: boolean): Span {
  if (open.isEarlier(job)) return sign('past', ascii);
  if (failed(job)) return sign('failed', ascii);
  if (job.ended === undefined) return sign(open.state === 'running' ? 'running' : 'interrupted', ascii);
  if (job.status && !succeeded(job.status)) return sign('ignored', ascii);
  return sign(job.status ? 'ok' : 'unknown', ascii);
}

/** What is on the critical path. */
export function criticalMark(ascii: boolean): string {
  return ascii ? '#' : '◆';
}
