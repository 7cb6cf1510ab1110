// cargo: each crate that it compiles is a job. Split from outside, by a wrapper of rustc (rustc.sh).

import { version } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { CargoRecords } from './records.ts';

const SHIM = 'cargo/rustc.sh';
const TRIAL = {
  files: {
    'Cargo.toml': '[package]\nname = "trial"\nversion = "0.1.0"\nedition = "2021"\n',
    'src/lib.rs': '',
  },
  argv: ['cargo', 'check', '--offline'],
  jobs: 1,
};

export const cargo: Tool = {
  name: 'cargo',
  programs: ['cargo'],
  binary: true,
  /**
   * The shim is always in the same place. So cargo, which caches what the compiler prints about itself, need
   * not ask again in each build, and a build script that depends on RUSTC_WRAPPER need not run again.
   */
  variables: ({ file }) => [{ name: 'RUSTC_WRAPPER', value: file(SHIM), savedIn: 'LOGLIN_RUSTC_WRAPPER' }],
  records: (recording) => new CargoRecords(recording),
  examine() {
    const found = version('cargo', /^cargo (\S+)/);
    return found === undefined ? [] : [{ ok: true, what: `cargo ${found}: split into crates`, trial: TRIAL }];
  },
};
