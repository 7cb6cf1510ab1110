// What files are called on the pages of a CI system, which shows the whole checkout.

import fs from 'node:fs';
import { nameFrom } from '../problems/paths.ts';
import type { Problem } from '../problems/problem.ts';
import type { CiSystem } from '../render/ci/system.ts';

/**
 * Names the files of problems as a CI system's pages do: from the checkout, which the project may be a part
 * of.
 * @param root of the project, absolute.
 */
export function namedForPages(
  { checkout }: Pick<CiSystem, 'checkout'>,
  root: string,
): (problem: Problem) => Problem {
  const folder = checkout === undefined ? undefined : process.env[checkout];
  if (!folder) return (problem) => problem;
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
