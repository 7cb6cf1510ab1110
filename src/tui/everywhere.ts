// Searches the logs of all jobs of the build, as `loglin grep` does, and lists what it finds while it goes
// on.

import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import type { Sliced } from '../model/sliced.ts';
import type { SearchPattern } from '../search/pattern.ts';
import { decode } from '../search/text.ts';
import { type JobLine, searchInJobs } from '../view/search.ts';
import type { Context } from './context.ts';
import { type TextLine, TextDocument } from '../documents/document.ts';
import { shownJobs } from './jobtree.ts';
import type { LogPane } from './logpane.ts';

/** The list ends after so many lines. */
const MOST = 10_000;
/** At most so much of a line is listed, in characters. */
const LONGEST = 1000;

export function* searchEverywhere(context: Context, logPane: LogPane, pattern: SearchPattern): Sliced<void> {
  const { opened, state } = context;
  if (!opened) {
    state.message = 'no build is open';
    return;
  }
  const jobs = shownJobs(opened, state.jobs.tree);
  const document = new TextDocument([]);
  const with_ = new Set<Job>();
  let done = 0;
  let lines = 0;
  const logsOf = opened.earlier.logsOf(opened.logs);
  const counted = function* (): Generator<Job> {
    for (const job of jobs) {
      done++;
      yield job;
    }
  };
  for (const found of searchInJobs(counted(), logsOf, pattern)) {
    const sum = `${lines} ${lines === 1 ? 'line' : 'lines'} in ${with_.size}`;
    if (!found) {
      state.working = `searching... ${sum} of ${done} jobs, of ${jobs.size}`;
      yield;
      continue;
    }
    if (lines === MOST) {
      state.message = `the first ${MOST} lines, in ${with_.size} jobs`;
      return;
    }
    document.add(resultLine(found, opened.nameOf(found.job)));
    with_.add(found.job);
    if (lines++ > 0) continue;
    logPane.visit('matches', `*${pattern.line.source}`, document, undefined);
    state.log.pattern = pattern;
  }
  state.message =
    lines === 0
      ? `no match in ${jobs.size} ${jobs.size === 1 ? 'job' : 'jobs'}`
      : `${lines} ${lines === 1 ? 'line' : 'lines'} in ${with_.size} of ${jobs.size} jobs`;
}

/** A line of the list: where it is in which log, and the line itself. */
function resultLine({ job, line }: JobLine, name: string): TextLine {
  const place = `${escapeName(name)}:${line.number}:`;
  const { text } = decode(line.bytes);
  return {
    text: `\x1b[1m${place}\x1b[0m ${text.slice(0, LONGEST)}`,
    target: { job, at: line.at },
    label: place.length + 1,
  };
}
