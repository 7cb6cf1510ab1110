// A copy of the demo project, as it is before its first build, also where the reader has built it already.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const DEMO = path.join(import.meta.dirname, '../../sample-logs/demo');

/** @param folder is made if it is not there. */
export function copyDemo(folder: string): void {
  fs.cpSync(DEMO, folder, { recursive: true, filter: (file) => path.basename(file) !== '.loglin' });
  execFileSync('make', ['-s', 'clean'], { cwd: folder });
}
