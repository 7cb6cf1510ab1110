// Things that can be in place of a file or a folder.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Random } from './seeded.ts';

/** Creates a socket. */
const LISTEN = 'require("net").createServer().listen(process.argv[1], () => process.exit())';

/**
 * Replaces what is there by something other than a file or a folder.
 * @param outside targets that links may have.
 */
export function odd(file: string, random: Random, outside: readonly string[]): void {
  fs.rmSync(file, { recursive: true, force: true });
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      assert.equal(spawnSync('mkfifo', [file]).status, 0);
      return;
    case 3:
      fs.mkdirSync(file);
      return;
    case 4:
    case 5:
    case 6:
      fs.symlinkSync(random.pick(outside), file);
      return;
    case 7:
      fs.symlinkSync(
        random.pick([
          '/dev/zero',
          '/dev/stdin',
          '/proc/self/mem',
          '/dev/full',
          '/',
          '.',
          '..',
          path.basename(file),
        ]),
        file,
      );
      return;
    case 8:
      fs.writeFileSync(file, '');
      return;
    case 9:
      fs.writeFileSync(file, Buffer.alloc(3000));
      return;
    case 10: {
      const [major, minor] = random.pick([
        ['1', '3'],
        ['1', '5'],
        ['1', '7'],
        ['7', '99'],
      ] as const);
      // Without permission, a folder will do.
      if (spawnSync('mknod', [file, random.pick(['c', 'b']), major, minor], { stdio: 'ignore' }).status !== 0)
        fs.mkdirSync(file);
      return;
    }
    default:
      spawnSync(process.execPath, ['-e', LISTEN, file]);
  }
}
