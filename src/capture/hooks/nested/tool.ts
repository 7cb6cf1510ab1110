// Nested loglins: a command of a recipe or script becomes a job of the running build (shim.sh).

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { launcherFile, packageFile } from '../../package.ts';
import type { Tool } from '../hook.ts';
import { NestedRecords } from './records.ts';

const TRIAL = {
  files: { 'build.sh': '#!/bin/sh\n"$LOGLIN_BIN" -t one echo one\n' },
  argv: ['./build.sh'],
  jobs: 1,
};

export const nested: Tool = {
  name: 'nested',
  programs: ['loglin'],
  install({ workspace, file }) {
    fs.symlinkSync(file('nested/shim.sh'), workspace.path('shim.sh'));
    fs.symlinkSync(packageFile('launch/launcher.sh'), workspace.path('launcher.sh'));
    const launcher = launcherFile();
    if (launcher !== undefined) fs.symlinkSync(launcher, workspace.path('loglin-launch'));
    return {};
  },
  records: (recording) => new NestedRecords(recording),
  examine() {
    const sh = spawnSync('/bin/sh', ['-c', '[ /dev/fd/0 -ef /dev/fd/0 ] </dev/null'], { stdio: 'ignore' });
    if (sh.status === 0)
      return [{ ok: true, what: 'nested loglin (sh knows -ef, /dev/fd is there)', trial: TRIAL }];
    return [
      {
        ok: false,
        what: 'nested loglin: jobs have no log of their own',
        remedy: 'needs /dev/fd and an sh whose test knows -ef',
      },
    ];
  },
};
