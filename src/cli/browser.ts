// What the browser is given by the commands that open it: the patterns of problems, what differs between builds. The browser itself is a bundle of its own,
// loaded here and nowhere else.

import type { Job } from '../model/build.ts';
import type { Place } from '../store/layout.ts';
import type { Browser, LiveBuild, Opened, Wiring } from '../tui/main.ts';
import { unified } from '../compare/print.ts';
import type { Pattern } from '../problems/pattern.ts';
import { EarlierRuns } from '../play/earlier.ts';
import { Comparer, origin } from './comparer.ts';
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
  const { patterns: own, errors } = ownPatterns(place);
  for (const error of errors) complain(error);
  const { browse } = await import('../tui/main.ts');
  return browse({
    place,
    build,
    colour: look.colour,
    ascii: look.ascii,
    ...lookups(place, own, look),
  });
}

/** What the browser asks of a job. @param own the user's patterns of problems. */
export function lookups(
  place: Place,
  own: readonly Pattern[],
  look: Look,
): Pick<Wiring, 'extractor' | 'differences'> {
  let reader: { readonly of: Opened; readonly reader: ProblemReader } | undefined;
  return {
    extractor: (opened, job) => {
      if (reader?.of !== opened)
        reader = { of: opened, reader: new ProblemReader(opened.build, opened.logs, place, own) };
      return reader.reader.extractor(job);
    },
    differences: (opened, job) => differences(place, own, opened, job, look),
  };
}

/** Unchanged lines around changes. */
const CONTEXT = 3;

/** What a job said, and did not when it last ran; nothing where that is the same. */
function differences(
  place: Place,
  own: readonly Pattern[],
  opened: Opened,
  job: Job,
  { ascii }: Look,
): string[] {
  const name = opened.nameOf(job);
  const recorded = opened.recorded();
  const earlier = new EarlierRuns(place.store, recorded);
  try {
    const from = earlier.find(job, name);
    if (!from) return ['it never ran before under loglin'];
    const to = { recorded, job };
    const comparer = new Comparer(place, own, { exact: false, context: CONTEXT });
    const difference = comparer.compare({ name, from, to });
    if (comparer.running > 0) return ['it runs: there is nothing to compare yet'];
    if (!difference) return [`it said the same in build ${from.recorded.id}`];
    return [...unified({ name, from: origin(from), to: origin(to), difference }, { colour: true, ascii })];
  } finally {
    earlier.close();
    recorded.logs.close();
  }
}
