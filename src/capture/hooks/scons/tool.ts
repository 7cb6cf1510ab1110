// SCons: each target that is built is a job, through a site folder of ours (site/). It stands first in SCONSFLAGS, so that a --site-dir
// of the user's own goes before it; it loads the folders that SCons would have loaded.

import fs from 'node:fs';
import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { ToldRecords } from '../told.ts';

export const scons: Tool = {
  name: 'scons',
  programs: ['scons'],
  arm({ workspace, environment, file }) {
    let site = file('scons/site');
    // SCons splits SCONSFLAGS at blanks, and knows no quotes.
    if (/\s/.test(site)) {
      fs.symlinkSync(site, workspace.path('scons'));
      site = workspace.path('scons');
    }
    const users = environment.SCONSFLAGS;
    return { SCONSFLAGS: `--site-dir=${site}${users ? ` ${users}` : ''}` };
  },
  records: (recording) =>
    new ToldRecords(recording, { start: 'e', slot: 'f', step: 'g', end: 'h' }, { paths: true }),
  examine() {
    const found = version('scons', /SCons: v?(\d+\.\d+)/);
    return found === undefined ? [] : [{ ok: true, what: `scons ${found}: split into jobs` }];
  },
};
