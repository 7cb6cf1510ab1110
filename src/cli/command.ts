// What all commands share: commander set up so that wrong use is one line and status 125.

import { Command, CommanderError, Option } from 'commander';
import { Failure } from '../model/failure.ts';
import { print } from './print.ts';

export function newCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError(false);
}

/**
 * An option whose value may be left out takes it after `=` only: in `--color make` make is no value. commander would take it.
 * @param operands the options may stand behind operands too.
 */
function ownValues(command: Command, args: readonly string[], operands: boolean): string[] {
  const result: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--' || (!operands && !arg.startsWith('-'))) return [...result, ...args.slice(i)];
    const option = command.options.find((one) => one.long === arg || one.short === arg);
    result.push(option?.optional ? `${arg}=${String(option.presetArg)}` : arg);
    const value = args[i + 1];
    if (option?.required && value !== undefined) {
      result.push(value);
      i++;
    }
  }
  return result;
}

/** Parses, then acts. @returns the action's status, or 0 where help was asked for. @throws Failure on wrong use. */
export async function parse(
  command: Command,
  args: readonly string[],
  action: () => Promise<number>,
  operands = true,
): Promise<number> {
  try {
    command.parse(ownValues(command, args, operands), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw new Failure(`${error.message.replace(/^error: /, '')}; see loglin ${command.name()} --help`);
  }
  return action();
}

/** The options of every command that prints logs. */
export function addViewOptions(command: Command): Command {
  return command
    .option('--order <order>', 'needs: in the order of the prerequisites; launch: as the jobs were started')
    .option('--prefix', 'every line with its target before it')
    .option('--no-details', 'headers only')
    .option('--times', 'when each job started and how long it took')
    .option('--links', 'a line for each need that was shown above')
    .option('--json', 'render events as NDJSON (docs/json.md)')
    .addOption(new Option('--color [when]', 'auto, always or never').preset('always'))
    .option('--no-color', 'as --color=never')
    .option('--ascii', 'no characters beyond ASCII in headers')
    .option('--store <dir>', 'where builds are kept (also LOGLIN_STORE)');
}
