// GNU parallel, split from inside: the capture library makes perl load LoglinParallel.pm into it, and into no
// other program.

import fs from 'node:fs';
import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { ParallelRecords } from './records.ts';

const TRIAL = { files: {}, argv: ['parallel', 'echo', ':::', 'one', 'two'], jobs: 2 };

export const parallel: Tool = {
  name: 'parallel',
  programs: ['parallel', 'sem'],
  /** A folder of its own, since perl looks for modules there. */
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
