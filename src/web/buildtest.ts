// Which builds a reader looks for, by words.

import type { BuildRow } from './protocol.ts';

/** @returns whether all words of a filter are in a build's command or id; case does not matter. */
export function buildTest(filter: string): (row: BuildRow) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ command, id }) => {
    const text = `${command} ${id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
