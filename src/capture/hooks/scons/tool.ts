// SCons: each target that is built is a job, through our site folder (site/). Its option is the first in
// SCONSFLAGS, so that a --site-dir of the user takes precedence. It loads the folders that SCons would have
// loaded.

import fs from 'node:fs';
import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { SconsRecords } from './records.ts';

const TRIAL = {
  files: { SConstruct: "Command('one', [], 'echo one > $TARGET')\n" },
  argv: ['scons'],
  jobs: 1,
};

export const scons: Tool = {
  name: 'scons',
  programs: ['scons'],
  variables({ workspace, file }) {
    // SCons splits SCONSFLAGS at blanks, and has no quotes.
    const site = workspace.path('scons');
    fs.symlinkSync(file('scons/site'), site);
    return [{ name: 'SCONSFLAGS', value: `--site-dir=${site}`, before: true }];
  },
  records: (recording) => new SconsRecords(recording),
  examine() {
    const found = version('scons', /SCons: v?(\d+\.\d+)/);
    return found === undefined ? [] : [{ ok: true, what: `scons ${found}: split into jobs`, trial: TRIAL }];
  },
};
