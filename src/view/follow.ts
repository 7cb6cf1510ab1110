// Shows a build that another process records, as a live display does; what was recorded before comes first.

import type { WalkRoot } from '../linearize/walkoptions.ts';
import type { Job } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { Failure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import type { Stdout } from '../play/stdout.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import type { FollowedBuild } from '../store/follow.ts';
import { type LiveSetting, playLive } from './playback.ts';
import type { ViewOptions } from '../render/renderers.ts';
import { findTargets } from './targets.ts';

/** How often the record is looked at. The recorder writes to it ten times a second. */
const LOOK_MS = 40;

const NOTHING = Buffer.alloc(0);

/** The running build that was started last; builds inside builds do not count. */
export function runningBuild(store: string): string | undefined {
  return listBuilds(store).findLast((id) => {
    const { state, started } = summarise(store, id);
    return state === 'running' && !started?.inside;
  });
}

export interface FollowSetting extends Pick<
  LiveSetting,
  'place' | 'id' | 'order' | 'style' | 'terminal' | 'ci'
> {
  /** The targets that are shown; none: the whole build. */
  readonly words: readonly string[];
  /** The folder that relative paths start from, absolute. */
  readonly folder: string;
  readonly output: Stdout;
}

export interface Followed {
  /** How the build ended; undefined if its recorder was killed. */
  readonly status: Status | undefined;
  /** What is wrong with the record. */
  readonly messages: readonly string[];
}

/**
 * Shows a build until it ends, and closes it.
 * @param followed was updated once.
 * @throws Failure if what is to be shown has not been started.
 */
export async function follow(
  followed: FollowedBuild,
  options: ViewOptions,
  setting: FollowSetting,
): Promise<Followed> {
  const { id, terminal, words, output } = setting;
  const { build, logs } = followed;
  const missing = new Map<Job, string>();
  const { player, nameOf, renderer } = playLive(
    options,
    {
      ...setting,
      build,
      logs,
      named: build.started?.name !== undefined,
      short: (job) => {
        missing.set(job, logs.trouble(job.id) ?? 'shorter than recorded');
      },
    },
    (nameOfJob) => rootsOf(followed, nameOfJob, setting),
  );

  const part = words.length > 0 || options.u !== undefined;
  output.write(renderer.begin?.(build, part) ?? NOTHING);
  for (;;) {
    const over = followed.state !== 'running';
    while (player.play() === 'full' && !output.closed) await output.drained();
    if (over || output.closed) break;
    if (terminal) player.partial();
    if (!followed.update()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  output.write(renderer.end?.(build) ?? NOTHING);
  await output.flushed();
  followed.close();
  const messages = [...followed.problems];
  for (const [job, why] of missing) messages.push(`log of ${nameOf(job)}: ${why}`);
  if (followed.state === 'interrupted')
    messages.push(`build ${id} was interrupted: its record ends where loglin was killed`);
  return { status: build.ended?.status, messages };
}

/** The whole build, or the jobs that are meant: they must have been started. */
function rootsOf(
  recorded: FollowedBuild,
  nameOf: (job: Job) => string,
  { id, words, place, folder }: FollowSetting,
): WalkRoot[] {
  const root = recorded.build.jobs[ROOT];
  if (!root) throw new Failure(`build ${id}: its first record cannot be read`);
  if (words.length === 0) return [{ job: root }];
  return words.flatMap((word) => {
    const roots = findTargets({ place, folder, recorded, nameOf }, word).filter((found) => 'job' in found);
    if (roots.length === 0) throw new Failure(`${word}: has not been started yet`, 1);
    return roots;
  });
}
