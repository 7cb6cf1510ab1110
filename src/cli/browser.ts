// What the browser is given by the commands that open it: the patterns of problems, what differs between builds. The browser itself is a bundle of its own,
// loaded here and nowhere else.

import type { Job } from '../model/build.ts';
import type { Place } from '../store/layout.ts';
import type { Browser, LiveBuild, Opened } from '../tui/main.ts';
import { ProblemReader, ownPatterns } from './problems.ts';
import type { Look } from './terminal.ts';

/**
 * Opens the browser.
 * @param build the one to show; none: the last one.
 * @throws Failure where stdin or stdout is no terminal that can show it, or where the configuration is wrong.
 */
export async function openBrowser(
  place: Place,
  build: string | LiveBuild | undefined,
  look: Look,
): Promise<Browser> {
  const own = ownPatterns(place);
  const { browse } = await import('../tui/main.ts');
  let reader: { readonly of: Opened; readonly reader: ProblemReader } | undefined;
  return browse({
    place,
    build,
    colour: look.colour,
    ascii: look.ascii,
    extractor: (opened: Opened, job: Job) => {
      if (reader?.of !== opened)
        reader = { of: opened, reader: new ProblemReader(opened.build, opened.logs, place, own) };
      return reader.reader.extractor(job);
    },
    differences: () => ['loglin diff is not in this version'],
  });
}
