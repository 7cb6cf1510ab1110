// What all commands share: commander, set up so that wrong use prints one line and exits with status 125.

import { Command, CommanderError, Option } from 'commander';
import { Failure } from '../model/failure.ts';
import { nearest } from '../model/nearest.ts';
import { shellWord } from '../render/formats.ts';
import { CI_NAMES } from '../render/ci/names.ts';
import type { CiOptions } from './ci.ts';
import { docsPage } from './docs.ts';
import { print } from './print.ts';
import type { Order } from '../linearize/walkoptions.ts';
import type { ViewOptions } from '../render/renderers.ts';

export function newCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .configureHelp({ commandUsage: (command) => `loglin ${command.name()} ${command.usage()}` })
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError(false)
    .addHelpText('afterAll', () => `\nMore: ${docsPage(name)}\n`);
}

/** What a `target` argument can be, for the help. */
export const TARGETS =
  "a name as recorded, the end of one (server.o), a relative path (./server.o), or a glob ('src/*.o')";

/** Runs a command. @param all the existing commands, by name. */
export type Run = (args: readonly string[], all: Commands) => Promise<number>;
export type Commands = Readonly<Record<string, () => Promise<{ run: Run }>>>;

/**
 * Where `parse` leaves a definition for definitionOf. Global to the process: each bundle of dist/ has its own
 * copy of this module.
 */
const ASKED = Symbol.for('loglin.definition');
const shared = globalThis as { [ASKED]?: { command?: Command } | undefined };

/**
 * A command's definition, with which it would parse its arguments. Undefined for a command that takes none.
 */
export async function definitionOf(run: Run): Promise<Command | undefined> {
  const asked: { command?: Command } = {};
  shared[ASKED] = asked;
  try {
    await run([], {});
  } finally {
    shared[ASKED] = undefined;
  }
  return asked.command;
}

/**
 * Parses the arguments, then runs the action.
 * @returns the action's status, or 0 if help was printed.
 * @throws Failure on wrong use.
 */
export async function parse(
  command: Command,
  args: readonly string[],
  action: () => Promise<number>,
): Promise<number> {
  const asked = shared[ASKED];
  if (asked) {
    asked.command = command;
    return 0;
  }
  try {
    command.parse(settled(command, args), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw new Failure(`${wrongUse(command, error, args)}; see loglin ${command.name()} --help`);
  }
  return action();
}

/** What is wrong with the arguments, and what was probably meant. */
function wrongUse(command: Command, { code, message }: CommanderError, args: readonly string[]): string {
  const [, quoted = ''] = /'(.*?)'/s.exec(message) ?? [];
  const name = command.name();
  switch (code) {
    case 'commander.unknownOption':
      return unknownOption(command, quoted, args);
    case 'commander.optionMissingArgument':
      return `${quoted}: its value is missing`;
    case 'commander.missingArgument':
      return `${name}: <${quoted}> is missing`;
    case 'commander.excessArguments': {
      const most = command.registeredArguments.length;
      const extra = command.args.slice(most).map(shellWord).join(' ');
      const takes = most === 0 ? 'no argument' : 'one argument';
      const build = /^-\d+$/.test(extra) && hasOption(command, '--build');
      if (/^-?\d+$/.test(extra) && hasOption(command, '--number'))
        return `${extra}: the last ${extra.replace('-', '')} are loglin ${name} -n ${extra.replace('-', '')}`;
      return build ? `${extra}: an earlier build is -b ${extra}` : `${extra}: loglin ${name} takes ${takes}`;
    }
    case 'commander.invalidArgument': {
      const [, choices = ''] = /Allowed choices are (.*?)\.?$/s.exec(message) ?? [];
      const [, option, value = quoted] =
        /(?:option '(--[\w-]+).*?' argument|value) '(.*?)' is/s.exec(message) ?? [];
      return `${option === undefined ? value : `${option}=${value}`}: want ${choices}`;
    }
    default:
      return message.replace(/^error: /, '').replaceAll('\n', ' ');
  }
}

function unknownOption(command: Command, option: string, args: readonly string[]): string {
  const [name = ''] = option.split('=', 1);
  if (name === option || !hasOption(command, name))
    return `${option}: no such option${meantBy(command, option, args)}`;
  const opposite = name.startsWith('--no-') ? name.replace('no-', '') : name.replace('--', '--no-');
  return `${option}: ${name} takes no value${hasOption(command, opposite) ? `; its opposite is ${opposite}` : ''}`;
}

function meantBy(command: Command, option: string, args: readonly string[]): string {
  if (/^-\d+$/.test(option) && hasOption(command, '--build')) return `; an earlier build is -b ${option}`;
  const [near] = option.startsWith('--')
    ? nearest(
        option,
        command.options.flatMap(({ long }) => long ?? []),
      )
    : [];
  if (near !== undefined) return `; nearest: ${near}`;
  if (!wraps(command)) return '';
  // `loglin -j4 make`: the option is the program's.
  const at = args.findIndex((arg, i) => i > args.indexOf(option) && !arg.startsWith('-'));
  if (at < 0) return '';
  const others = args.filter((arg, i) => i < at && arg !== option);
  const line = ['loglin', ...others, args[at]!, option, ...args.slice(at + 1)].map(shellWord).join(' ');
  return `; one of ${args[at]!} comes after its name: ${line}`;
}

/** Are the arguments those of another program? */
const wraps = (command: Command): boolean => ['run', 'watch'].includes(command.name());

const hasOption = (command: Command, long: string): boolean =>
  command.options.some((option) => option.long === long);

/**
 * The arguments as commander needs them. It would take the word after an option as the option's value even if
 * the value is optional (as in `--color make`), and the -1 of `-b -1` as an option.
 */
function settled(command: Command, args: readonly string[]): string[] {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    // What comes after the program's name is the program's.
    if (arg === '--' || (wraps(command) && !arg.startsWith('-'))) return [...words, ...args.slice(i)];
    const option = command.options.find(({ short, long }) => arg === short || arg === long);
    const value = args[i + 1];
    if (option?.optional && typeof option.presetArg === 'string') {
      words.push(`${arg}=${option.presetArg}`);
    } else if (option?.required && value !== undefined) {
      i++;
      if (/^-\d+(\.\.|$)/.test(value)) words.push(`${option.long ?? arg}=${value}`);
      else words.push(arg, value);
    } else {
      words.push(arg);
    }
  }
  return words;
}

/** An option whose value can be left out, and is given only with `=`. */
export function optional(flags: string, description: string, preset: string): Option {
  return new Option(flags, description).preset(preset);
}

/** The options of addLogOptions. */
export interface LogOptions extends ViewOptions, CiOptions {
  readonly order?: string;
  readonly color?: string | boolean;
  readonly ascii?: true;
}

/** The value of `--order`. @throws Failure if there is no such order. */
export function orderOption({ order }: LogOptions): Order | undefined {
  if (order === undefined || order === 'needs' || order === 'launch') return order;
  throw new Failure(`--order=${order}: want needs or launch`);
}

/** Adds the options of every command that prints logs. */
export function addLogOptions(command: Command): Command {
  return command
    .option(
      '--order <order>',
      'needs: jobs in the order of the prerequisites; launch: in the order they were started',
    )
    .option('-u', 'also show prerequisites that did not run, from the last build that ran them')
    .option('--prefix', 'put the target before every line')
    .option('--no-details', 'show only the headers')
    .option('--hide-silent', 'leave out jobs that printed nothing and did not fail; the default for make -s')
    .option('--no-hide-silent', 'show all jobs, even those that printed nothing')
    .option('--times', 'show when each job started and how long it took')
    .option('--links', 'add a line for each prerequisite that was shown above')
    .option('--json', 'print render events as NDJSON (docs/json.md)')
    .addOption(optional('--color [when]', 'auto, always or never', 'always'))
    .option('--no-color', 'same as --color=never')
    .option('--ascii', 'use only ASCII characters in headers')
    .addOption(
      optional(
        '--ci [system]',
        `write the log for a CI system: auto, ${CI_NAMES.join(', ')}; in CI, this is on`,
        'auto',
      ),
    )
    .option('--no-ci', 'write the log as outside of CI');
}
