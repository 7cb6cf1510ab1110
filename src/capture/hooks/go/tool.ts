// go test, split into packages by what it prints. library/launchers.c tells where that begins.

import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { GoRecords } from './records.ts';

export const go: Tool = {
  name: 'go',
  programs: ['go'],
  inside: true,
  records: (recording) => new GoRecords(recording),
  examine() {
    const found = version('go', /go version go(\S+)/, 'version');
    return found === undefined ? [] : [{ ok: true, what: `go ${found}: go test is split into packages` }];
  },
};
