// A job's command in two builds, as words that went and words that came.

import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { commandLine } from '../render/formats.ts';
import { wordsChanged } from './target.ts';

/** What is other in a job's command, a line each, that begins with `-` or `+`. */
export function commandChange(before: Job, after: Job): string[] {
  const text = (of: Job): string => of.steps.map((step) => commandLine(step.argv)).join('\n');
  return wordsChanged(text(before), text(after), (word) => word).flatMap(({ kind, text: words }) =>
    kind === 'same' ? [] : [`${kind === 'old' ? '-' : '+'} ${escapeName(words.trimEnd())}`],
  );
}
