// The signs and colours of builds and jobs, which are the same in all panes; and short forms of times. Only
// red, green, magenta and attributes are used: black, white, blue, yellow and cyan are hard to see on dark or
// on light terminals. Every colour only repeats what a sign or a word says.

import { type Job, failed, succeeded } from '../../model/build.ts';
import type { BuildItem, OpenBuild } from '../state.ts';
import { type Row, type Span, span } from '../../documents/spans.ts';

export const RED = '1;31';
const GREEN = '32';
export const MAGENTA = '35';
export const DIM = '2';
export const BOLD = '1';
export const QUESTION = '1;7';
/** The style of the cursor's row, in the focused pane and in others. */
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
  if (job.ended === undefined && open.loaded < 1 && open.state !== 'running') return sign('unknown', ascii);
  if (job.ended === undefined) return sign(open.state === 'running' ? 'running' : 'interrupted', ascii);
  if (job.status && !succeeded(job.status)) return sign('ignored', ascii);
  return sign(job.status ? 'ok' : 'unknown', ascii);
}

/** The mark for needs that are shown further up. */
export function needMark(ascii: boolean): Span {
  return span(ascii ? '^' : '↑', DIM);
}

/** The style of what is on the critical path. */
export const CRITICAL = '1;35';

/** The mark for jobs on the critical path. */
export function criticalMark(ascii: boolean): string {
  return ascii ? '#' : '◆';
}

/** What the marks mean, for the help. */
export function legend(ascii: boolean): readonly (readonly [marks: Row, means: string])[] {
  const of = (...kinds: (keyof typeof SIGNS)[]): Row => kinds.map((kind) => sign(kind, ascii));
  const bar = span(ascii ? '===' : '━━╸', DIM);
  return [
    [of('ok'), 'ended well'],
    [of('failed'), 'failed'],
    [of('running'), 'runs'],
    [of('ignored'), 'failed, but its tool ignored that'],
    [of('interrupted'), 'cut off with its build'],
    [of('past'), 'did not run in this build'],
    [of('unknown'), 'how it ended is not known'],
    [[needMark(ascii)], 'a need that is shown further up'],
    [[span(criticalMark(ascii), CRITICAL)], 'on the critical path'],
    [
      [span(ascii ? '- +' : '▾ ▸')],
      'unfolded, folded; in a log, ▸ stands where a job was launched'.replace('▸', ascii ? '>' : '▸'),
    ],
    [[bar], 'when it ran, from the start of the build to its end'],
  ];
}
