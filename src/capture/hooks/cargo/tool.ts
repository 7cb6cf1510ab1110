// cargo: each crate that it compiles is a job. Split from outside, by a wrapper of rustc (rustc.sh).

import { spawnSync } from 'node:child_process';
import type { Tool } from '../hook.ts';
import { CargoRecords } from './records.ts';

const SHIM = 'cargo/rustc.sh';

export const cargo: Tool = {
  name: 'cargo',
  programs: ['cargo'],
  /**
   * The shim is always in the same place, so that cargo, which remembers what its compiler said of itself, does not ask for each build; and
   * so that a build script which is interested in RUSTC_WRAPPER does not run again for each.
   */
  arm({ environment, file }) {
    const users = environment.RUSTC_WRAPPER;
    // Inside another build of loglin's: its shim has been told of the user's.
    const own = users?.endsWith(`/hooks/${SHIM}`) ?? false;
    return {
      RUSTC_WRAPPER: file(SHIM),
      ...(users === undefined || own ? {} : { LOGLIN_RUSTC_WRAPPER: users }),
    };
  },
  records: (recording) => new CargoRecords(recording),
  examine() {
    const answer = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
    const version = /^cargo (\S+)/.exec(answer.error ? '' : answer.stdout)?.[1];
    return version === undefined ? [] : [{ ok: true, what: `cargo ${version}: split into crates` }];
  },
};
