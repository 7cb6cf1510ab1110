// GNU parallel, split from inside: the capture library has perl load LoglinParallel.pm into it, and into
// nothing else.

import fs from 'node:fs';
import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { ParallelRecords } from './records.ts';

const TRIAL = { files: {}, argv: ['parallel', 'echo', ':::', 'one', 'two'], jobs: 2 };

export const parallel: Tool = {
  name: 'parallel',
  programs: ['parallel', 'sem'],
  /** In a folder of its own: it is one that perl looks for modules in. */
  variables({ workspace, file }) {
    const folder = workspace.path('perl');
    fs.mkdirSync(folder, { mode: 0o700 });
    fs.symlinkSync(file('parallel/LoglinParallel.pm'), `${folder}/LoglinParallel.pm`);
    return [{ name: 'PERL5OPT', value: `-I${folder} -MLoglinParallel`, before: true }];
  },
  records: (recording) => new ParallelRecords(recording),
  examine() {
    const found = version('parallel', /^GNU parallel (\d+)/);
    return found === undefined
      ? []
      : [{ ok: true, what: `GNU parallel ${found}: split into jobs`, trial: TRIAL }];
  },
};
