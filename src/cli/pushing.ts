// What `loglin push` needs to know of a build besides its files: the row's facts.

import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { branchOf, revision } from '../capture/revision.ts';
import { failed, succeeded } from '../model/build.ts';
import type { BuildEnded } from '../model/events.ts';
import { Failure } from '../model/failure.ts';
import { ROOT } from '../model/ids.ts';
import { commandLine } from '../render/formats.ts';
import { startOfId } from '../remote/layout.ts';
import { ciBranch, ciUrl } from '../remote/origin.ts';
import type { RowFacts } from '../remote/push.ts';
import { MOST_FAILED, type RowResult } from '../remote/row.ts';
import { summarise } from '../store/builds.ts';
import type { Place } from '../store/place.ts';
import { type Secrets, redactText } from '../store/redact.ts';
import { countProblems } from '../view/problemcount.ts';
import { openNamed } from '../view/viewedbuild.ts';

export interface FactOptions {
  readonly project: string;
  readonly branch?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
}

/**
 * Finds out what a build's row says.
 * @throws Failure if the build runs, or if it cannot be read.
 */
export function factsOf(place: Place, id: string, options: FactOptions): RowFacts {
  const { started, ended, state } = summarise(place.store, id);
  if (state === 'running') throw new Failure(`build ${id}: is running; push it when it has ended`, 1);
  if (!started) throw new Failure(`build ${id}: its first record cannot be read`, 1);
  const { recorded, nameOf } = openNamed(place.store, id);
  const { build, logs } = recorded;
  const clean = (text: string): string => redactText(text, options.secrets);
  try {
    const jobs = build.jobs.filter((job) => job.id !== ROOT);
    const bad = ended?.failed === 0 ? [] : jobs.filter(failed);
    const counts = countProblems(build, logs, place, () => undefined);
    const url = ciUrl(process.env);
    return {
      project: options.project,
      at: startOfId(id) ?? started.at,
      result: resultOf(ended),
      ms: ended?.t ?? build.time,
      jobs: ended?.jobs ?? jobs.length,
      failed: bad.length,
      ...counts,
      revision: started.revision,
      clean: started.revision === undefined ? undefined : isClean(place, started.revision),
      branch: options.branch ?? branchAt(place, started.revision),
      command: clean(started.name ?? commandLine(started.argv)),
      tags: options.tags,
      host: os.hostname(),
      ...(url === undefined ? {} : { url: clean(url) }),
      failures: bad.slice(0, MOST_FAILED).map((job) => clean(nameOf(job))),
    };
  } finally {
    logs.close();
  }
}

function resultOf(ended: BuildEnded | undefined): RowResult {
  if (!ended || ended.interrupted) return 'interrupted';
  return succeeded(ended.status) ? 'ok' : ended.status;
}

/** Git is asked for so long, in milliseconds. */
const GIT_MS = 20_000;

/**
 * Has the work tree no changes that are not committed, at the revision that was built? Only git knows, and
 * only how it is now. Undefined: it does not say.
 */
function isClean({ root, git }: Place, built: string): boolean | undefined {
  if (git === undefined) return undefined;
  if (revision(git) !== built) return false;
  // A tree's own configuration may name a program to be run.
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];
  const { status, stdout } = spawnSync('git', [...safe, 'status', '--porcelain', '--untracked-files=no'], {
    cwd: root,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: GIT_MS,
    maxBuffer: 1024 ** 3,
  });
  return status === 0 ? stdout.length === 0 : undefined;
}

/** The branch: as CI says, or that of the work tree, if it still has the revision that was built. */
function branchAt({ git }: Place, built: string | undefined): string | undefined {
  const said = ciBranch(process.env);
  if (said !== undefined || git === undefined || built === undefined) return said;
  return revision(git) === built ? branchOf(git) : undefined;
}

/** `--tag k=v`. @throws Failure if it is none. */
export function parseTags(words: readonly string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const word of words) {
    const [, name, value = ''] = /^([\w.-]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || name === 'branch')
      throw new Failure(`--tag ${word}: want name=value, as --tag os=linux`);
    tags[name] = value;
  }
  return tags;
}
