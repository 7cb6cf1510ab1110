// tup, split into its commands by the files that they write to and by what it prints. library/launchers.c
// tells where one begins.

import { locate, version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { TupRecords } from './records.ts';

export const tup: Tool = {
  name: 'tup',
  programs: ['tup'],
  inside: true,
  records: (recording) => new TupRecords(recording),
  examine() {
    const found = version('tup', /^tup v?(\d\S*)/);
    if (found === undefined) return [];
    if (locate('sqlite3') !== undefined) return [{ ok: true, what: `tup ${found}: split into commands` }];
    return [{ ok: false, what: `tup ${found}: one job`, remedy: 'install sqlite3, to read what it knows' }];
  },
};
