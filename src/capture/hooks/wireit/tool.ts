// wireit: each script is a job, through npm's script shell, which a module in wireit (preload.ts) has it
// start.

import type { Tool } from '../hook.ts';

export const wireit: Tool = {
  name: 'wireit',
  programs: ['wireit'],
  variables: ({ file }) => [
    { name: 'NODE_OPTIONS', value: `--require=${JSON.stringify(file('wireit/preload.cjs'))}`, before: true },
  ],
};
