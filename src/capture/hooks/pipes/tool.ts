// Programs whose output goes into a pipe of the build itself (`make | tee log`): library/pipes.c.

import type { Tool } from '../hook.ts';
import { PipeRecords } from './records.ts';

export const pipes: Tool = {
  name: 'pipes',
  programs: [],
  inside: true,
  records: (recording) => new PipeRecords(recording),
};
