// Problems as checkstyle's XML, which many tools read: Jenkins, SonarQube, reviewdog.
// https://github.com/checkstyle/checkstyle/blob/master/src/main/java/com/puppycrawl/tools/checkstyle/XMLLogger.java

import { escapeName } from '../../model/printable.ts';
import type { Problem } from '../../problems/problem.ts';
import { type ProblemReport, ruleOf } from './report.ts';
import { XML, attributes } from './xml.ts';

/** What Jenkins calls a file that is not known. */
const NO_FILE = '-';

/** Yields the document in pieces. */
export function* checkstyle({ problems }: ProblemReport): Generator<string> {
  const files = new Map<string, Problem[]>();
  for (const { problem } of problems) {
    const file = problem.file ?? NO_FILE;
    const list = files.get(file);
    if (list) list.push(problem);
    else files.set(file, [problem]);
  }
  yield `${XML}<checkstyle version="10.0">\n`;
  for (const [name, list] of files) {
    yield `  <file${attributes({ name })}>\n`;
    for (const problem of list) yield `    <error${attributes(fields(problem))}/>\n`;
    yield '  </file>\n';
  }
  yield '</checkstyle>\n';
}

function fields(problem: Problem): Record<string, string | number | undefined> {
  const { line = 0, column, severity, message } = problem;
  return { line, column, severity, message: escapeName(message), source: ruleOf(problem, '.') };
}
