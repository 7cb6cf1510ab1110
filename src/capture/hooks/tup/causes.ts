// Finds out why tup runs a command, from its data base as it was before. Does not know what tup has found:
// its times are in seconds, and it keeps no list of what has changed.

import fs from 'node:fs';
import path from 'node:path';
import type { JobExplained } from '../../../model/events.ts';
import type { TupCommand } from './database.ts';

/**
 * @param ran has a command made this file in the same run?
 * @returns undefined if nothing is known: its command may have changed, or an output may be gone.
 */
export function causeOf(
  { outputs, needs, sources, made }: TupCommand,
  top: string,
  ran: (name: string) => boolean,
): Pick<JobExplained, 'newer' | 'missing'> | undefined {
  if (outputs.length === 0) return undefined;
  if (made === undefined) return { missing: true };
  const time = (name: string): number =>
    Math.floor((fs.statSync(path.join(top, name), { throwIfNoEntry: false })?.ctimeMs ?? 0) / 1000);
  // An output that is as it was (^o) keeps its time.
  const newer = needs.filter((name) =>
    sources.includes(name) ? time(name) > made : ran(name) && time(name) >= made,
  );
  if (newer.length > 0) return { newer };
  const asOld = sources.filter((name) => time(name) === made);
  return asOld.length > 0 ? { newer: asOld } : undefined;
}
