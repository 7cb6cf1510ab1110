// The wiring: which word is which command. A command is loaded only when it is called, so that `show` starts
// quickly.

import { Failure, isFailure, reason } from '../model/failure.ts';
import { keepCode } from './codecache.ts';
import type { Commands } from './command.ts';
import { errorText } from './stderr.ts';
import { leaveTerminal } from './terminal.ts';

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
  serve: () => import('./commands/serve.ts'),
  watch: () => import('./commands/watch.ts'),
  link: () => import('./commands/link.ts'),
  export: () => import('./commands/export.ts'),
  import: () => import('./commands/import.ts'),
  remote: () => import('./commands/remote.ts'),
  push: () => import('./commands/push.ts'),
  pull: () => import('./commands/pull.ts'),
  flaky: () => import('./commands/flaky.ts'),
  trend: () => import('./commands/trend.ts'),
  gc: () => import('./commands/gc.ts'),
  rm: () => import('./commands/rm.ts'),
  completion: () => import('./commands/completion.ts'),
  mcp: () => import('./commands/mcp.ts'),
  doctor: () => import('./commands/doctor.ts'),
  help: () => import('./commands/help.ts'),
};

async function main(args: readonly string[]): Promise<number> {
  const [first = 'help'] = args;
  if (first === '--version' || first === '-V' || first === '--help' || first === '-h' || args.length === 0)
    return (await import('./commands/help.ts')).run(args, COMMANDS);
  const at = commandWord(args);
  const name = args[at ?? args.length];
  if (at === undefined || name === undefined || !Object.hasOwn(COMMANDS, name))
    return (await import('./commands/run.ts')).run(args, COMMANDS);
  const before = args.slice(0, at);
  // `loglin -t listing ls` wraps the program of that name.
  if (before.some((option) => WRAPS.test(option)))
    return (await import('./commands/run.ts')).run(args, COMMANDS);
  const options = name === 'run' ? before : name === 'help' ? [] : changeFolder(before);
  return (await COMMANDS[name]!()).run([...options, ...args.slice(at + 1)], COMMANDS);
}

/** The options of `run` that take a value; bin/loglin has the same list. */
const VALUED: ReadonlySet<string> = new Set([
  '-t',
  '--target',
  '-C',
  '-o',
  '--log',
  '--report',
  '--order',
  '--heartbeat',
  '--budget',
  '--store',
]);

/** The options that only `run` has. */
const WRAPS =
  /^(?:-t.*|--target(?:=.*)?|--once|--strict|--plan|--tui|--no-status|--status(?:=.*)?|--heartbeat(?:=.*)?|-o.*|--log(?:=.*)?|--report(?:=.*)?|--no-agent|--no-hooks(?:=.*)?|--no-force-color)$/;

/**
 * The index of the first word that is not an option; undefined if there is none, or if it comes after `--`.
 */
function commandWord(args: readonly string[]): number | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') return undefined;
    if (!arg.startsWith('-')) return i;
    if (VALUED.has(arg)) i++;
  }
  return undefined;
}

/** Handles -C as make and git do: `loglin -C DIR show`. @returns the other options. */
function changeFolder(options: readonly string[]): string[] {
  const others: string[] = [];
  for (let i = 0; i < options.length; i++) {
    const option = options[i]!;
    if (option.startsWith('-C')) {
      const folder = option.length > 2 ? option.slice(2) : (options[++i] ?? '');
      try {
        process.chdir(folder);
      } catch (error) {
        throw new Failure(`-C ${folder}: ${reason(error)}`);
      }
      continue;
    }
    others.push(option);
    if (VALUED.has(option) && i + 1 < options.length) others.push(options[++i]!);
  }
  return others;
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
    leaveTerminal();
    keepCode();
  },
  (error: unknown) => {
    process.stderr.write(`loglin: ${errorText(error)}\n`);
    process.exitCode = isFailure(error) ? error.exitStatus : 125;
    leaveTerminal();
  },
);
