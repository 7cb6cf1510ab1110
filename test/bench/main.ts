// `npm run bench`: loglin beside what it is compared with, in one run. Arguments: rows; none: all of them.
//   --quick  small sizes, few runs: does it work, not how fast it is
//   --write  writes docs/benchmarks.md: these rows, the others stay
// BENCH_BUILD=dir  builds that checkout (make clean; make) instead of generated sources
// BENCH_REDO=dir   the folder of redo's programs, where they are not on the PATH

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { rows } from './rows.ts';
import { type Result, machine, table, writeDocument } from './table.ts';

function help(): string {
  const list = rows.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join('\n');
  return `usage: npm run bench -- [--quick] [--write] [row…]\n\n${list}\n`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, write: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
  if (values.help || unknown.length > 0) {
    (unknown.length > 0 ? process.stderr : process.stdout).write(help());
    return unknown.length > 0 ? 125 : 0;
  }
  if (process.env.BENCH_REDO !== undefined)
    process.env.PATH = `${path.resolve(process.env.BENCH_REDO)}:${process.env.PATH ?? ''}`;

  const about = machine();
  process.stdout.write(`${about}\n`);
  const results: Result[] = [];
  // On a disk, not in memory: stores are on disks. Removed at the end only: ext4 makes files slowly (0.02 ms
  // becomes 1 ms) where many were removed in the last minutes, and a store has a file for each job.
  const folder = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/var/tmp', 'loglin-bench-'));
  const clean = (): void => {
    fs.rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      clean();
      process.exit(128 + os.constants.signals[signal]);
    });
  try {
    for (const row of rows) {
      if (positionals.length > 0 && !positionals.includes(row.name)) continue;
      const own = path.join(folder, row.name);
      fs.mkdirSync(path.join(own, '.loglin'), { recursive: true });
      process.stderr.write(`bench: ${row.name}: ${row.about}\n`);
      const found = await row.run({ folder: own, quick: values.quick ?? false });
      for (const result of found) process.stderr.write(table([result]).split('\n')[2]! + '\n');
      results.push(...found);
    }
  } finally {
    clean();
  }
  process.stdout.write(table(results));
  if (values.write)
    process.stdout.write(`\nwritten: ${writeDocument(results, about, positionals.length === 0)}\n`);
  return 0;
}

process.exitCode = await main();
