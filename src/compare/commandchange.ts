// The difference between a job's commands in two builds, as removed and added words.

import type { Job } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { commandLine } from '../render/formats.ts';
import { wordsChanged } from './target.ts';

/** Returns the differences between a job's commands, one per line. Each line begins with `-` or `+`. */
export function commandChange(before: Job, after: Job): string[] {
  const text = (of: Job): string => of.steps.map((step) => commandLine(step.argv)).join('\n');
  return wordsChanged(text(before), text(after), (word) => word).flatMap(({ kind, text: words }) =>
    kind === 'same' ? [] : [`${kind === 'old' ? '-' : '+'} ${escapeName(words.trimEnd())}`],
  );
}
