// Whether stdout is the log of a CI system, and which: what options and environment say. What is written
// for it is loaded only then.

import fs from 'node:fs';
import { Failure } from '../model/failure.ts';
import { CI_NAMES, type CiName, detectCi } from '../render/ci/names.ts';
import type { ViewOptions } from '../render/renderers.ts';
import type { CiOutput } from './cioutput.ts';

export interface CiOptions {
  readonly ci?: string | boolean;
}

/**
 * Returns what writes the log of the CI system, if there is one.
 * @param replay the build was recorded before.
 * @throws Failure if there is no such system.
 */
export async function ciOutput(
  options: CiOptions & Pick<ViewOptions, 'json' | 'raw'>,
  replay: boolean,
): Promise<CiOutput | undefined> {
  const name = ciName(options);
  // Their bytes are for other programs.
  if (name === undefined || options.json || options.raw) return undefined;
  const { CiOutput: Output } = await import('./cioutput.ts');
  return new Output(name, replay);
}

const OFF = ['no', '0', 'false', 'off'];

/** Whether nothing is to be said to a CI system. */
export function isCiOff({ ci }: CiOptions): boolean {
  const { LOGLIN_CI: variable = '' } = process.env;
  return ci === false || (ci === undefined && OFF.includes(variable));
}

function ciName({ ci }: CiOptions): CiName | undefined {
  if (ci === false) return undefined;
  const { LOGLIN_CI: variable = '' } = process.env;
  const [word, from] =
    typeof ci === 'string' && ci !== 'auto' ? [ci, `--ci=${ci}`] : [variable, `LOGLIN_CI=${variable}`];
  if (OFF.includes(word)) return undefined;
  if (word === '' || word === 'auto') return isLog() ? detectCi(process.env) : undefined;
  const name = CI_NAMES.find((one) => one === word);
  if (name === undefined) throw new Failure(`${from}: want auto, ${CI_NAMES.join(', ')}`);
  return name;
}

/** Whether stdout may be the log: not a file, nor the log of a job in which this runs. */
function isLog(): boolean {
  if ((process.env.LOGLIN_BUILD ?? '') !== '') return false;
  try {
    const stat = fs.fstatSync(1);
    return !stat.isFile() && stat.rdev !== fs.statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}
