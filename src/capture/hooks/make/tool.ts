// GNU make, split from inside: library/make.c.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import type { Finding, Tool } from '../hook.ts';
import { MakeRecords } from './records.ts';

const PROGRAMS = ['make', 'gmake'] as const;
const TRIAL = { Makefile: 'all: one two\none two: ; @echo $@\n' };

export const make: Tool = {
  name: 'make',
  programs: PROGRAMS,
  inside: true,
  /** Writes the makefile that every make reads first. */
  install({ workspace, file }) {
    const self = workspace.path('loglin.mk');
    const text = fs.readFileSync(file('make/loglin.mk'), 'utf8').replaceAll('@SELF@', self);
    fs.writeFileSync(self, text, { mode: 0o600 });
    return {};
  },
  records: (recording) => new MakeRecords(recording),
  examine() {
    const seen = PROGRAMS.flatMap((program) => examine(program) ?? []);
    return seen.length > 0 ? seen : [{ ok: false, what: 'no make on the PATH' }];
  },
};

function examine(program: string): Finding | undefined {
  const answer = spawnSync(program, ['--version'], { encoding: 'utf8', cwd: '/' });
  if (answer.error) return undefined;
  const version = /^GNU Make (\d+)\.(\d+)/.exec(answer.stdout);
  if (!version) return { ok: false, what: `${program} is not GNU make: one job`, remedy: 'install GNU make' };
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 3 || minor >= 82
    ? {
        ok: true,
        what: `${program} ${major}.${minor}: split into jobs`,
        trial: { files: TRIAL, argv: [program, '-j2'], jobs: 2 },
      }
    : {
        ok: false,
        what: `${program} ${major}.${minor}: one job`,
        remedy: 'GNU make 3.82 and newer is split',
      };
}
