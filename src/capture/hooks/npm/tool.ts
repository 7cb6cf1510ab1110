// npm, pnpm and yarn 1: each script is a job, through their script shell (loglin-shell.sh).

import { version } from '../examine.ts';
import type { Finding, Tool } from '../hook.ts';

const OWN = 'npm/loglin-shell.sh';
/** npm takes them in any case; pnpm 11 and later look only at their own. */
const NAMES = [/^npm_config_script[-_]shell$/i, /^pnpm_config_script_shell$/] as const;

export const npm: Tool = {
  name: 'npm',
  programs: ['npm', 'npx', 'pnpm', 'yarn'],
  /** What the environment says of the script shell goes before every file, so the shim has to look there (loglin-shell.sh). */
  arm({ environment, file }) {
    const own = file(OWN);
    const variables: Record<string, string> = { npm_config_script_shell: own, pnpm_config_script_shell: own };
    for (const name of Object.keys(environment)) {
      const users = environment[name] ?? '';
      if (!NAMES.some((pattern) => pattern.test(name))) continue;
      variables[name] = own;
      // Not one of ours, from a loglin around this one: that has told already whose it is.
      if (users !== '' && !users.endsWith(OWN)) variables.LOGLIN_SCRIPT_SHELL = users;
    }
    return variables;
  },
  examine: () => [...seen('npm'), ...seen('pnpm'), ...yarn()],
};

function seen(program: string): Finding[] {
  const found = version(program, /^(\d+\.\d+\.\d+)/);
  return found === undefined ? [] : [{ ok: true, what: `${program} ${found}: scripts are jobs` }];
}

function yarn(): Finding[] {
  const found = version('yarn', /^(\d+\.\d+\.\d+)/);
  if (found === undefined) return [];
  if (found.startsWith('1.')) return [{ ok: true, what: `yarn ${found}: scripts are jobs` }];
  return [
    {
      ok: true,
      what: `yarn ${found}: one job; what runs below is split`,
      remedy: 'it has a shell of its own for scripts; npm, pnpm and yarn 1 are split',
    },
  ];
}
