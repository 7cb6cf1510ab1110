// Whether stdout is the log of a CI system, and which: what options and environment say. What is written
// for it is loaded only then.

import fs from 'node:fs';
import { Failure } from '../model/failure.ts';
import { nameFrom } from '../problems/paths.ts';
import type { Problem } from '../problems/problem.ts';
import { CI_NAMES, type CiName, detectCi } from '../render/ci/names.ts';
import type { CiSystem } from '../render/ci/system.ts';
import type { ViewOptions } from '../view/renderers.ts';
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
  options: CiOptions & ViewOptions,
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

/**
 * Names the files of problems as a CI system's pages do: from the checkout, which the project may be a part
 * of.
 * @param root of the project, absolute.
 */
export function namedForPages(
  { checkout }: Pick<CiSystem, 'checkout'>,
  root: string,
): (problem: Problem) => Problem {
  const folder = (checkout === undefined ? undefined : process.env[checkout]) ?? '';
  let from: string;
  try {
    from = fs.realpathSync(folder);
  } catch {
    return (problem) => problem;
  }
  if (!`${root}/`.startsWith(`${from}/`)) return (problem) => problem;
  return (problem) =>
    problem.file === undefined ? problem : { ...problem, file: nameFrom(problem.file, root, from) };
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
