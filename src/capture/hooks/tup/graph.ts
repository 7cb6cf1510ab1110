// Makes a graph of tup's commands, and names them by what they make. Pure.

import type { GraphNode } from '../../../model/graph.ts';
import type { TupCommand, TupDatabase } from './database.ts';

/** A command is named by its first output; one without outputs as tup shows it. */
export function targetOf({ outputs, label }: TupCommand): string {
  return outputs[0] ?? label;
}

/** The graph of all commands and groups. */
export function graphOf(database: TupDatabase): GraphNode[] {
  const nodes: GraphNode[] = [];
  for (const command of database.commands()) {
    const { needs } = command;
    const name = targetOf(command);
    const others = command.outputs.slice(1);
    nodes.push({ name, needs, recipe: true, ...(others.length > 0 ? { also: others } : {}) });
    for (const other of others) nodes.push({ name: other, needs: [name], recipe: false, also: [name] });
  }
  for (const { name, members } of database.groups())
    nodes.push({ name, needs: members, recipe: false, phony: true });
  return nodes;
}

/** What tup makes if it is not told what: the commands that no other one needs something of. */
export function rootsOf(database: TupDatabase): string[] {
  const needed = new Set([...database.commands()].flatMap(({ needs }) => needs));
  for (const { name, members } of database.groups())
    if (needed.has(name)) for (const member of members) needed.add(member);
  return [...database.commands()]
    .filter(({ outputs }) => !outputs.some((output) => needed.has(output)))
    .map(targetOf);
}
