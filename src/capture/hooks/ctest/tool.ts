// ctest, also below cmake, make and ninja, split into its tests from inside: library/ctest.c.

import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { CtestRecords } from './records.ts';

const TRIAL = {
  files: { 'CTestTestfile.cmake': 'add_test(one "echo" "one")\nadd_test(two "echo" "two")\n' },
  argv: ['ctest'],
  jobs: 2,
};

export const ctest: Tool = {
  name: 'ctest',
  programs: ['ctest', 'ctest3'],
  inside: true,
  records: (recording) => new CtestRecords(recording),
  examine() {
    const found = version('ctest', /(\d+\.\d+\S*)/);
    return found === undefined ? [] : [{ ok: true, what: `ctest ${found}: split into tests`, trial: TRIAL }];
  },
};
