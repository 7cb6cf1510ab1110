// What a shell must know to complete loglin's command line, taken from the definitions of the commands. Knows
// no shell.

import type { Command } from 'commander';
import { CI_NAMES } from '../../render/ci/names.ts';

/** What can stand in a place. */
export type Kind = 'targets' | 'builds' | 'files' | 'folders' | 'program' | 'nothing' | readonly string[];

export interface OptionShape {
  /** `-b`, `--build`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined: it takes none. */
  readonly value: Kind | undefined;
  /** It is given with `=`, or not at all. */
  readonly optional: boolean;
}

export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  /** What its arguments are. */
  readonly operands: Kind;
}

/** What the name of a value means, as the help has it: `--store <dir>`. */
const KINDS: Readonly<Record<string, Kind>> = {
  target: 'targets',
  // Of grep: what comes after the pattern.
  word: 'targets',
  build: 'builds',
  'a..b': 'builds',
  file: 'files',
  dir: 'folders',
  command: 'program',
  order: ['needs', 'launch'],
  when: ['auto', 'always', 'never'],
  by: ['time', 'launch', 'name', 'bytes'],
  system: ['auto', ...CI_NAMES],
  tools: ['make', 'ninja', 'cargo', 'npm', 'parallel', 'scons', 'redo'],
};

/** @param command undefined for one without options. */
export function shapeOf(name: string, command: Command | undefined): CommandShape {
  const options = (command?.options ?? [])
    .filter(({ hidden }) => !hidden)
    .map(({ short, long, description, flags, required, optional, argChoices }): OptionShape => {
      const placeholder = /[<[]([^\]>]*)[\]>]/.exec(flags)?.[1] ?? '';
      return {
        flags: [short, long].flatMap((flag) => flag ?? []),
        description,
        value: required || optional ? (argChoices ?? kindOf(placeholder)) : undefined,
        optional,
      };
    });
  const help: OptionShape = {
    flags: ['-h', '--help'],
    description: 'help',
    value: undefined,
    optional: false,
  };
  const [operand] = command?.registeredArguments ?? [];
  return {
    name,
    description: command?.description() ?? 'help',
    options: [...options, ...(command ? [help] : [])],
    operands: operand ? (operand.argChoices ?? kindOf(operand.name())) : 'nothing',
  };
}

function kindOf(placeholder: string): Kind {
  return Object.hasOwn(KINDS, placeholder) ? (KINDS[placeholder] ?? 'nothing') : 'nothing';
}

/** The flags of a command that take the next word for their value. */
export function valuedFlags({ options }: CommandShape): string[] {
  return options.flatMap(({ flags, value, optional }) => (value !== undefined && !optional ? flags : []));
}

/** A word that no shell reads as anything else. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
