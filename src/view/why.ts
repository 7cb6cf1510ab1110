// Why targets ran: what is asked of a build and of earlier ones to answer it.

import { commandChange } from '../compare/commandchange.ts';
import { Causes } from '../linearize/causes.ts';
import type { Build, Job } from '../model/build.ts';
import type { AskedTarget } from '../render/records/why.ts';
import { rootOf } from '../store/layout.ts';
import { shownName } from '../model/shownname.ts';
import { childrenByParent, selfSpans } from '../timing/selftime.ts';
import type { EarlierBuilds } from './earlierbuilds.ts';
import { findTargets } from './targets.ts';
import type { ViewedBuild } from './viewedbuild.ts';

/** A target that was asked for, and why it ran or did not. */
export interface TargetReasons extends AskedTarget {
  readonly last?: { readonly id: string; readonly build: Build; readonly job: Job } | undefined;
  /** It has commands, so it could have run. */
  readonly recipe: boolean;
}

/** What a word means, and why each of its targets ran. @throws Failure as findTargets. */
export function whyTargets(
  viewed: ViewedBuild,
  earlier: EarlierBuilds,
  causes: Causes,
  word: string,
): TargetReasons[] {
  const { place, recorded, nameOf } = viewed;
  const { build } = recorded;
  const lastOf = (job: Job | undefined): TargetReasons['last'] => {
    const other = job && earlier.recordedOf(job);
    return other && { id: other.id, build: other.build, job };
  };
  const roots = findTargets(viewed, word, earlier);
  return roots.map((root): TargetReasons => {
    if ('job' in root) {
      const last = lastOf(root.job);
      if (last) {
        const notRemade = earlier.notRemade(root.job, root.job.target, undefined);
        return { name: root.job.name, job: undefined, reasons: [], last, notRemade, recipe: true };
      }
      const reasons = root.job.parent ? causes.of(root.job) : [];
      return { name: nameOf(root.job), job: root.job, reasons, recipe: true };
    }
    const { instance, target } = root;
    const name = shownName(rootOf(build, place), instance.cwd, target);
    const recipe = earlier.graphOf(instance)?.get(target)?.recipe ?? false;
    const reasons = recipe ? [] : causes.ofNode(instance, target);
    const before = earlier.unchanged(target, instance)?.[0];
    const notRemade = earlier.notRemade(before, target, instance);
    return { name, job: undefined, reasons, recipe, notRemade, last: lastOf(before) };
  });
}

/** @param root that of the project. */
export function causesOf(build: Build, root: string): Causes {
  return new Causes(build, (instance, target) => shownName(root, instance.cwd, target));
}

/** The words that differ in a job's commands since the last build in which it ran. */
export function changedWords(job: Job, earlier: EarlierBuilds): string[] {
  const before = earlier.before(job);
  return before ? commandChange(before, job) : [];
}

/** How long jobs took without what they launched, in milliseconds. */
export function selfTime(build: Build): (job: Job) => number {
  const children = childrenByParent(build.jobs);
  return (job) => selfSpans(build, job, children.get(job)).reduce((sum, { from, to }) => sum + to - from, 0);
}
