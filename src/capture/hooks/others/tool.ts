// Programs that are not split themselves: what `loglin doctor` says of those that are installed. Their
// children may still be split, as far as the other hooks' variables reach them.

import { locate } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { UnsplitRecords } from './records.ts';

const BELOW = 'one job; what runs below is split';
const OWN_SERVER = 'one job, what runs below too';

const KNOWN: readonly { program: string; what: string; why: string }[] = [
  {
    program: 'turbo',
    what: 'its scripts are jobs, through npm and pnpm',
    why: 'it reads what they print; under its terminal UI (--ui=tui) they have no log of their own',
  },
  {
    program: 'nx',
    what: 'its scripts are jobs',
    why: 'those that it runs on a terminal have no log of their own',
  },
  {
    program: 'wireit',
    what: 'one job; what its commands run is split',
    why: 'it runs commands itself, without the script shell of npm',
  },
  {
    program: 'bazel',
    what: OWN_SERVER,
    why: 'its server runs the actions, with an environment of its own',
  },
  { program: 'gradle', what: OWN_SERVER, why: 'its daemon runs the tasks' },
  { program: 'bmake', what: BELOW, why: 'only GNU make is split' },
  { program: 'just', what: BELOW, why: 'loglin -t NAME in a recipe makes it a job' },
  { program: 'xargs', what: BELOW, why: 'loglin -t NAME as its command makes jobs; so does GNU parallel' },
];

export const others: Tool = {
  name: 'others',
  programs: KNOWN.map(({ program }) => program),
  records: (recording) => new UnsplitRecords(recording),
  examine: () =>
    KNOWN.filter(({ program }) => locate(program) !== undefined).map(({ program, what, why }) => ({
      ok: true,
      what: `${program}: ${what}`,
      remedy: why,
    })),
};
