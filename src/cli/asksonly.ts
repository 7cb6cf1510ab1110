// Recognizes calls that build nothing: they ask a tool for its help or version, or what it would do. With
// `alias make='loglin make'` such calls come through loglin, and recording one would replace the last build.

import path from 'node:path';
import { TOOLS } from '../capture/hooks/list.ts';
import { readCommandLine as readMake } from '../capture/hooks/make/commandline.ts';
import { readCommandLine as readNinja } from '../capture/hooks/ninja/commandline.ts';

/** Programs that build through a tool that is split. */
const OTHERS: ReadonlySet<string> = new Set(['cmake', 'meson']);
/**
 * For all tools but make and ninja. Only as the sole argument: it may also be meant for the program that the
 * tool runs.
 */
const ALONE: ReadonlySet<string> = new Set(['--help', '-h', '--version', '-V']);

/** Whether this is a call of a build tool that builds nothing. @param argv the program first. */
export function asksOnly(argv: readonly string[]): boolean {
  const program = path.basename(argv[0] ?? '');
  const tool = TOOLS.find(({ programs }) => programs.includes(program));
  if (tool?.name === 'make') return readMake(argv).asks;
  if (tool?.name === 'ninja') return readNinja(argv).idle;
  return argv.length === 2 && (tool !== undefined || OTHERS.has(program)) && ALONE.has(argv[1] ?? '');
}
