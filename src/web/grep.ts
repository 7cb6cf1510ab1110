// A search of all logs, in the order in which the build shows them.

import { Windows } from '../documents/find.ts';
import { jobLog } from '../documents/log.ts';
import type { Sliced } from '../model/sliced.ts';
import type { Job } from '../model/build.ts';
import type { SearchPattern } from '../search/pattern.ts';
import type { PageBuild } from './pagebuild.ts';
import type { Hit, Hits } from './protocol.ts';
import type { TextLines } from './textlines.ts';

/** At most so many lines are found. */
const MOST = 10_000;
/** At most so many of them are told at once, and this often, in milliseconds. */
const BATCH = 500;
const TELL_MS = 100;
/** A line that was found is cut after so many characters. */
const LONGEST = 500;

/** @param text the pattern as it was typed. @param tell called with what was found, as it is found. */
export function* grep(
  build: PageBuild,
  jobs: readonly Job[],
  lines: TextLines,
  pattern: SearchPattern,
  text: string,
  tell: (hits: Hits) => void,
): Sliced<{ readonly hits: number; readonly done: boolean }> {
  let found = 0;
  let searched = 0;
  let waiting: Hit[] = [];
  let told = performance.now();
  const say = (done: boolean): void => {
    const from = found - waiting.length;
    tell({ pattern: text, from, list: waiting, done, searched, jobs: jobs.length });
    waiting = [];
    told = performance.now();
  };
  for (const job of jobs) {
    searched++;
    const document = jobLog(
      job,
      build.blocks,
      () => '',
      () => undefined,
    );
    const windows = new Windows(document, pattern);
    for (let at = 0, end = windows.end(at); end !== undefined; at = end, end = windows.end(at)) {
      for (const offset of windows.matches(at, end)) {
        const line = document.at(offset);
        if (!line?.origin) continue;
        const { spans, matches = [] } = lines.line(line, undefined, pattern, LONGEST);
        waiting.push({ job: job.id, jobName: build.nameOf(job), byte: line.origin.at, spans, matches });
        found++;
        if (waiting.length >= BATCH) say(false);
        if (found < MOST) continue;
        say(true);
        return { hits: found, done: false };
      }
      if (performance.now() - told > TELL_MS) say(false);
      yield;
    }
  }
  say(true);
  return { hits: found, done: true };
}
