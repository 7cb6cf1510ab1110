// Calls that build nothing: a tool is asked for its help or version, or for what it would do. With `alias make='loglin make'` they come by
// here, and the record of one would stand in the last build's place.

import path from 'node:path';
import { TOOLS } from '../capture/hooks/list.ts';
import { readCommandLine as readMake } from '../capture/hooks/make/commandline.ts';
import { readCommandLine as readNinja } from '../capture/hooks/ninja/commandline.ts';

/** They build by a tool that is split. */
const OTHERS: ReadonlySet<string> = new Set(['cmake', 'meson']);
/** Of all tools but make and ninja: alone, since it may also be a word for what they run. */
const ALONE: ReadonlySet<string> = new Set(['--help', '-h', '--version', '-V']);

/** Is this a call of a build tool that only tells of itself, or of what it would do? @param argv the program first. */
export function asksOnly(argv: readonly string[]): boolean {
  const program = path.basename(argv[0] ?? '');
  const tool = TOOLS.find(({ programs }) => programs.includes(program));
  if (tool?.name === 'make') return readMake(argv).asks;
  if (tool?.name === 'ninja') return readNinja(argv).idle;
  return argv.length === 2 && (tool !== undefined || OTHERS.has(program)) && ALONE.has(argv[1] ?? '');
}
