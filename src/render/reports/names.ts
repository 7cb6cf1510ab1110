// The names of the formats of reports; the formats themselves are loaded only when one is written.

/** Formats of a list of problems. */
export const PROBLEM_FORMATS = ['sarif', 'checkstyle', 'rdjsonl', 'codequality'] as const;
export type ProblemFormat = (typeof PROBLEM_FORMATS)[number];

/** Formats of a build, which may tell more than its problems. */
export const BUILD_FORMATS = ['junit', ...PROBLEM_FORMATS, 'markdown'] as const;
export type BuildFormat = (typeof BUILD_FORMATS)[number];

/** The formats that the end of a file's name tells. */
export const ENDINGS: readonly (readonly [string, BuildFormat])[] = [
  ['.xml', 'junit'],
  ['.sarif', 'sarif'],
  ['.sarif.json', 'sarif'],
  ['.rdjsonl', 'rdjsonl'],
  ['.md', 'markdown'],
];
