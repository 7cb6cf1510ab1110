// Which problems of a build are new, as the page finds it out of the builds before: for a page that will not
// have them.

import { type Sliced, runToEnd } from '../model/sliced.ts';
import { Background } from '../web/background.ts';
import type { ProblemPlace } from '../web/container.ts';
import { Facts } from '../web/facts.ts';
import { problemsBefore, whichAreNew } from '../web/newproblems.ts';
import { OtherBuilds } from '../web/otherbuilds.ts';
import { PageBuild } from '../web/pagebuild.ts';
import { DiskSource } from './disksource.ts';

/**
 * @param id of a build that has ended.
 * @returns where they are; null if that cannot be said: there is no build before, or it is too large.
 * @throws Failure if the build cannot be read.
 */
export async function newProblemsOf(store: string, id: string): Promise<readonly ProblemPlace[] | null> {
  const source = new DiskSource(store);
  const background = new Background(() => {
    setImmediate(work);
  });
  const work = (): void => {
    if (background.step()) setImmediate(work);
  };
  const build = new PageBuild(await source.open(id), Date.now);
  const others = new OtherBuilds(source, build, background, Date.now);
  // Without a build before, nothing is read.
  if ((await others.before()).length === 0) return null;
  runToEnd(build.read());
  const facts = new Facts(build);
  await background.run(readProblems(facts));
  const { problems = [] } = facts;
  const known = await problemsBefore(build, problems, others, background);
  return known ? whichAreNew(problems, known) : null;
}

function* readProblems(facts: Facts): Sliced<void> {
  while (facts.readProblems()) yield;
}
