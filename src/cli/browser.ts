// What the browser is given by the commands that open it: the patterns of problems, what differs between builds. The browser itself is a bundle of its own,
// loaded here and nowhere else, and so is what compares.

import { Worker } from 'node:worker_threads';
import type { Job } from '../model/build.ts';
import { Failure, reason } from '../model/failure.ts';
import type { Place } from '../store/place.ts';
import type { OwnPatterns } from '../problems/own.ts';
import type { Browser, Comparing, LiveBuild, Opened, Wiring } from '../tui/main.ts';
import type { Answer, Question } from './differ.ts';
import { complain } from './opened.ts';
import { ProblemReader, ownPatterns } from './problems.ts';
import type { Look } from './terminal.ts';

/**
 * Opens the browser.
 * @param build the one to show; none: the last one.
 */
export async function openBrowser(
  place: Place,
  build: string | LiveBuild | undefined,
  look: Look,
): Promise<Browser> {
  let say = complain;
  const { patterns: own, errors } = ownPatterns(place, (text) => {
    say(text);
  });
  for (const error of errors) complain(error);
  const { browse } = await import('../tui/main.ts');
  const browser = browse({
    place,
    build,
    colour: look.colour,
    ascii: look.ascii,
    ...lookups(place, own, look),
  });
  say = (text) => {
    browser.say(text);
  };
  return browser;
}

/** What the browser asks of a job. @param own the user's patterns of problems. */
export function lookups(
  place: Place,
  own: OwnPatterns,
  look: Look,
): Pick<Wiring, 'extractor' | 'differences'> {
  let reader: { readonly of: Opened; readonly reader: ProblemReader } | undefined;
  return {
    extractor: (opened, job) => {
      if (reader?.of !== opened)
        reader = { of: opened, reader: new ProblemReader(opened.build, opened.logs, place, own) };
      return reader.reader.extractor(job);
    },
    differences: (opened, job) => differences(place, opened, job, look),
  };
}

/** What a job said, and did not when it last ran; nothing where that is the same. */
function differences(place: Place, opened: Opened, job: Job, { ascii }: Look): Comparing {
  if (opened.isPast(job))
    return { lines: Promise.resolve(['it did not run in this build']), cancel: () => undefined };
  const question: Question = { place, build: opened.id, job: job.id, name: opened.nameOf(job), ascii };
  const worker = new Worker(new URL('./differ.cjs', import.meta.url), { workerData: question, stderr: true });
  const lines = new Promise<readonly string[]>((resolve, reject) => {
    worker.on('message', (answer: Answer) => {
      if ('lines' in answer) resolve(answer.lines);
      else reject(new Failure(answer.failure));
    });
    worker.on('error', (error) => {
      reject(new Failure(`it cannot be compared: ${reason(error)}`));
    });
  });
  return { lines, cancel: () => void worker.terminate() };
}
