// ninja and samurai, also below cmake and meson, split from inside: library/ninja.c.

import fs from 'node:fs';
import { locate, version } from '../examine.ts';
import type { Finding, Tool } from '../hook.ts';
import { NinjaRecords } from './records.ts';

const PROGRAMS = ['ninja', 'ninja-build', 'samu'] as const;
const TRIAL = { 'build.ninja': 'rule say\n  command = echo $out\nbuild one: say\nbuild two: say\n' };

export const ninja: Tool = {
  name: 'ninja',
  programs: PROGRAMS,
  inside: true,
  records: (recording) => new NinjaRecords(recording),
  examine: () => PROGRAMS.flatMap((program) => examine(program) ?? []),
};

function examine(program: string): Finding | undefined {
  const file = locate(program);
  if (file === undefined) return undefined;
  const what = `${program} ${version(program, /^(\S+)/) ?? ''}`.trimEnd();
  if (!isStatic(file))
    return { ok: true, what: `${what}: split into jobs`, trial: { files: TRIAL, argv: [program], jobs: 2 } };
  return {
    ok: false,
    what: `${what} is static: its edges are shown when they have ended`,
    remedy: 'install a ninja that is linked dynamically',
  };
}

/** An ELF program without an interpreter cannot load the library (elf(5): PT_INTERP is 3). */
function isStatic(file: string): boolean {
  const head = Buffer.alloc(4096);
  const fd = fs.openSync(file, 'r');
  try {
    fs.readSync(fd, head, 0, head.length, 0);
  } finally {
    fs.closeSync(fd);
  }
  if (head.toString('latin1', 0, 4) !== '\x7fELF' || head[4] !== 2) return false;
  const at = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  for (let i = 0; i < count && at + (i + 1) * size <= head.length; i++)
    if (head.readUInt32LE(at + i * size) === 3) return false;
  return true;
}
