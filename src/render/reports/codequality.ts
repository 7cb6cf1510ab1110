// Problems for GitLab, which shows those that a merge request adds: a JSON array.
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format

import { jsonText } from '../../model/printable.ts';
import { type ProblemReport, identities, ruleOf, wellFormed } from './report.ts';

/** GitLab wants a path for each: for a problem without a file, the project. */
const NO_FILE = '.';

/** Yields the document in pieces. */
export function* codequality({ problems }: ProblemReport): Generator<string> {
  const ids = identities(problems);
  let separator = '[\n';
  for (const [i, { problem }] of problems.entries()) {
    const { file = NO_FILE, line = 1, severity, message } = problem;
    const finding = {
      description: wellFormed(message),
      check_name: ruleOf(problem),
      fingerprint: ids[i],
      severity: severity === 'error' ? 'major' : 'minor',
      location: { path: wellFormed(file), lines: { begin: line } },
    };
    yield `${separator}${jsonText(finding)}`;
    separator = ',\n';
  }
  yield problems.length === 0 ? '[]\n' : '\n]\n';
}
