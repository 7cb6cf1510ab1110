// The inputs that compilers have reported to ninja, headers above all: they are in its dep log, not in the
// manifest, and so not in the graph.

import fs from 'node:fs';
import path from 'node:path';
import { isFailure } from '../../../model/failure.ts';
import { readRegular } from '../../../store/plainfile.ts';
import { readCommandLine } from './commandline.ts';
import { DepLog } from './deplog.ts';
import { readManifest } from './parser.ts';

const DEP_LOG = '.ninja_deps';

/**
 * @param cwd the folder in which ninja ran, absolute.
 * @param argv how it was called.
 * @returns tells the inputs of an output, both by ninja's names.
 */
export function reportedInputs(cwd: string, argv: readonly string[]): (output: string) => readonly string[] {
  try {
    const log = new DepLog(readRegular(depLogFile(cwd, argv)));
    return (output) => log.of(output);
  } catch (error) {
    // There is none where no compiler reports anything.
    if (!isFailure(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    return () => [];
  }
}

/** Most have no `builddir`, for which all of the manifest would have to be read. */
function depLogFile(cwd: string, argv: readonly string[]): string {
  const usual = path.join(cwd, DEP_LOG);
  if (fs.existsSync(usual)) return usual;
  const { folder } = readManifest(cwd, readCommandLine(argv).manifest);
  return path.resolve(cwd, folder, DEP_LOG);
}
