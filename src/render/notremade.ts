// Why a target is not known to be up to date, in words.

import type { NotRemade } from '../linearize/notremade.ts';
import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { namesText } from './formats.ts';

/** Why a target is not known to be up to date: `not made: a.o failed`. */
export function notRemadeText({ state, failed: jobs, end }: NotRemade, nameOf: (job: Job) => string): string {
  const names = namesText(jobs.map(nameOf));
  if (state === 'blocked') return `not made: ${names} failed`;
  if (end === 'running') return 'not made yet: the build runs';
  if (end === 'interrupted') return 'not reached: the build was interrupted';
  if (end === undefined) return `not reached: ${names} failed`;
  const tool = escapeName(end.tool);
  return names === '' ? `not reached: ${tool} failed` : `not reached: ${tool} stopped at ${names}`;
}

/**
 * Marks a log from an earlier build for such a target.
 * @param around an enclosing block gives the reason.
 */
export function oldLogText(
  notRemade: NotRemade,
  around: true | undefined,
  nameOf: (job: Job) => string,
): string {
  const old = notRemade.state === 'blocked' ? 'old' : 'perhaps old';
  return around ? old : `${old}, ${notRemadeText(notRemade, nameOf)}`;
}
