// The wiring: which word is which command. Each command is loaded only when it is called, so that `show` starts at once.

import { isFailure } from '../model/failure.ts';
import type { Commands } from './command.ts';
import { told } from './told.ts';

const COMMANDS: Commands = {
  run: () => import('./commands/run.ts'),
  show: () => import('./commands/show.ts'),
  ls: () => import('./commands/ls.ts'),
  jobs: () => import('./commands/jobs.ts'),
  why: () => import('./commands/why.ts'),
  diff: () => import('./commands/diff.ts'),
  grep: () => import('./commands/grep.ts'),
  problems: () => import('./commands/problems.ts'),
  time: () => import('./commands/time.ts'),
  path: () => import('./commands/path.ts'),
  tui: () => import('./commands/tui.ts'),
  link: () => import('./commands/link.ts'),
  export: () => import('./commands/export.ts'),
  import: () => import('./commands/import.ts'),
  gc: () => import('./commands/gc.ts'),
  rm: () => import('./commands/rm.ts'),
  completion: () => import('./commands/completion.ts'),
  doctor: () => import('./commands/doctor.ts'),
  help: () => import('./commands/help.ts'),
};

async function main(args: readonly string[]): Promise<number> {
  const [first = 'help', ...rest] = args;
  if (first === '--version' || first === '-V' || first === '--help' || first === '-h' || args.length === 0)
    return (await import('./commands/help.ts')).run(args);
  const command = COMMANDS[first];
  if (command) return (await command()).run(rest, COMMANDS);
  return (await import('./commands/run.ts')).run(args);
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`loglin: ${told(error)}\n`);
    process.exitCode = isFailure(error) ? error.exitStatus : 125;
  },
);
