// redo's targets and their needs as a graph. Pure.

import type { GraphNode } from '../../../model/graph.ts';
import type { RedoDatabase } from './database.ts';

/** Sources are nodes too. */
export function graphOf({ files, needs }: RedoDatabase): GraphNode[] {
  // `//ALWAYS` stands for what is never up to date.
  const names = new Map([...files].flatMap(([id, { name }]) => (name.startsWith('//') ? [] : [[id, name]])));
  return [...files].flatMap(([id, { generated }]) => {
    const name = names.get(id);
    if (name === undefined) return [];
    return [
      { name, needs: (needs.get(id) ?? []).flatMap((need) => names.get(need) ?? []), recipe: generated },
    ];
  });
}
