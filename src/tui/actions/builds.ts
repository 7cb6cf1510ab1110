// The actions on a job or on the build, and those that lead to the same target in other builds.

import type { Handlers } from './handler.ts';

export const BUILDS = {
  diff: () => [{ do: 'text', kind: 'diff' }],
  why: () => [{ do: 'text', kind: 'why' }],
  problems: () => [{ do: 'text', kind: 'problems' }],
  olderRun: () => [{ do: 'run', newer: false }],
  newerRun: () => [{ do: 'run', newer: true }],
} satisfies Handlers;
