// Makes a graph of redo's targets and their needs. Pure.

import type { GraphNode } from '../../../model/graph.ts';
import type { RedoDatabase } from './database.ts';

/** The graph of a database; sources are nodes too. */
export function graphOf({ files, needs }: RedoDatabase): GraphNode[] {
  // `//ALWAYS` is not a file: what needs it is never up to date.
  const names = new Map([...files].flatMap(([id, { name }]) => (name.startsWith('//') ? [] : [[id, name]])));
  return [...files].flatMap(([id, { generated }]) => {
    const name = names.get(id);
    if (name === undefined) return [];
    return [
      { name, needs: (needs.get(id) ?? []).flatMap((need) => names.get(need) ?? []), recipe: generated },
    ];
  });
}
