// `loglin show -f`: a build that another process records, shown as a live display shows it, what was recorded before first.

import type { Order, Root } from '../linearize/walk.ts';
import type { Job } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { Failure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { Stdout } from '../play/stdout.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { FollowedBuild } from '../store/follow.ts';
import type { Place } from '../store/place.ts';
import { startLive } from './live.ts';
import { complain } from './opened.ts';
import { type ViewOptions, withHideSilent } from './render.ts';
import { findTargets } from './targets.ts';
import type { Look } from './terminal.ts';

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

export interface FollowSetting {
  readonly place: Place;
  readonly id: string;
  readonly order: Order;
  readonly words: readonly string[];
  readonly view: Look;
  readonly terminal: boolean;
}

/** Shows the build until it ends. @returns how it ended; undefined where its recorder was killed. @throws Failure */
export async function follow(asked: ViewOptions, setting: FollowSetting): Promise<Status | undefined> {
  const { place, id, terminal, words } = setting;
  const followed = new FollowedBuild(place.store, id);
  const { build, logs } = followed;
  followed.update();
  const options = setting.words.length > 0 ? asked : await withHideSilent(asked, build, place);
  const named = build.started?.name !== undefined;
  const stdout = new Stdout();
  const missing = new Map<Job, string>();
  const { player, nameOf, renderer } = startLive(
    options,
    {
      ...setting,
      build,
      logs,
      named,
      output: stdout,
      short: (job) => {
        missing.set(job, logs.trouble(job.id) ?? 'shorter than recorded');
      },
    },
    (nameOfJob) => rootsOf(followed, nameOfJob, setting),
  );

  const part = words.length > 0 || options.u !== undefined;
  stdout.write(renderer.begin?.(build, part) ?? NOTHING);
  for (;;) {
    const over = followed.state !== 'running';
    while (player.play() === 'full' && !stdout.closed) await drained(stdout);
    if (over || stdout.closed) break;
    if (terminal) player.partial();
    if (!followed.update()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  stdout.write(renderer.end?.(build) ?? NOTHING);
  await stdout.flushed();
  followed.close();
  for (const problem of followed.problems) complain(problem);
  for (const [job, why] of missing) complain(`log of ${nameOf(job)}: ${why}`);
  if (followed.state === 'interrupted')
    complain(`build ${id} was interrupted: its record ends where loglin was killed`);
  return build.ended?.status;
}

function drained(stdout: Stdout): Promise<void> {
  return new Promise((resolve) => {
    stdout.onceDrained(resolve);
  });
}

/** The whole build, or the jobs that are meant: they must have been started. */
function rootsOf(
  recorded: FollowedBuild,
  nameOf: (job: Job) => string,
  { id, words, place }: FollowSetting,
): Root[] {
  const root = recorded.build.jobs[ROOT];
  if (!root) throw new Failure(`build ${id}: its first record cannot be read`);
  if (words.length === 0) return [{ job: root }];
  return words.flatMap((word) => {
    const roots = findTargets({ place, recorded, nameOf }, word).filter((found) => 'job' in found);
    if (roots.length === 0) throw new Failure(`${word}: has not been started yet`, 1);
    return roots;
  });
}
