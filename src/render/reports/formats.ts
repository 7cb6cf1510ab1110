// The table of the reports' formats: what writes each. All yield their text in pieces.

import { checkstyle } from './checkstyle.ts';
import { codequality } from './codequality.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import type { BuildFormat, ProblemFormat } from './names.ts';
import { rdjsonl } from './rdjsonl.ts';
import type { BuildReport, ProblemReport } from './report.ts';
import { sarif } from './sarif.ts';

export const PROBLEM_REPORTS: Readonly<Record<ProblemFormat, (report: ProblemReport) => Iterable<string>>> = {
  sarif,
  checkstyle,
  rdjsonl,
  codequality,
};

export const BUILD_REPORTS: Readonly<Record<BuildFormat, (build: BuildReport) => Iterable<string>>> = {
  ...PROBLEM_REPORTS,
  junit,
  markdown: (build) => [markdown(build)],
};
