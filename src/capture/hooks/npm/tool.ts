// npm, pnpm and yarn 1: each script is a job, through their script shell (loglin-shell.sh).

import { version } from '../examine.ts';
import type { Finding, Tool, Trial } from '../hook.ts';

/** npm accepts its variables in capitals too. pnpm from 11 on reads only its own. */
const ALWAYS = ['npm_config_script_shell', 'pnpm_config_script_shell'];
const ALSO = ['NPM_CONFIG_SCRIPT_SHELL'];
/** The variable in which the shim finds the user's value (loglin-shell.sh). */
const savedIn = 'LOGLIN_SCRIPT_SHELL';

export const npm: Tool = {
  name: 'npm',
  programs: ['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack'],
  variables({ file }) {
    const value = file('npm/loglin-shell.sh');
    return [
      ...ALWAYS.map((name) => ({ name, value, savedIn })),
      ...ALSO.map((name) => ({ name, value, savedIn, ifSet: true as const })),
    ];
  },
  examine: () => [...seen('npm'), ...seen('pnpm'), ...yarn()],
};

function trialOf(program: string): Trial {
  const files = { 'package.json': '{ "name": "trial", "scripts": { "one": "echo one" } }\n' };
  return { files, argv: [program, 'run', 'one'], jobs: 1 };
}

function seen(program: string): Finding[] {
  const found = version(program, /^(\d+\.\d+\.\d+)/);
  return found === undefined
    ? []
    : [{ ok: true, what: `${program} ${found}: scripts are jobs`, trial: trialOf(program) }];
}

function yarn(): Finding[] {
  const found = version('yarn', /^(\d+\.\d+\.\d+)/);
  if (found === undefined) return [];
  if (found.startsWith('1.'))
    return [{ ok: true, what: `yarn ${found}: scripts are jobs`, trial: trialOf('yarn') }];
  return [
    {
      ok: true,
      what: `yarn ${found}: one job; what runs below is split`,
      remedy: 'it has a shell of its own for scripts; npm, pnpm and yarn 1 are split',
    },
  ];
}
