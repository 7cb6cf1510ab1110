// TypeScript and eslint.

import type { ProblemPattern } from '../pattern.ts';

export const TYPESCRIPT: readonly ProblemPattern[] = [
  // -- TypeScript
  {
    // src/a.ts(1,2): error TS2322: …
    tool: 'tsc',
    words: ['error TS', 'warning TS', 'message TS'],
    first:
      /^(?:(?<file>\S.*?)\((?<line>\d+),(?<column>\d+)\): )?(?<severity>error|warning|message) (?<code>TS\d+): (?<message>.*)$/,
    below: [{ is: /^ {2,}\S/ }],
  },
  {
    // src/a.ts:1:2 - error TS2322: …
    tool: 'tsc',
    words: ['error\x1b', 'warning\x1b', 'error TS'],
    first:
      /^(?:(?<file>\S.*?):(?<line>\d+):(?<column>\d+) - )?(?<severity>error|warning) (?<code>TS\d+): (?<message>.*)$/,
    below: [
      { is: /^ {2}(?<file>\S.*?):(?<line>\d+):(?<column>\d+)$/, note: true },
      { is: /^ {4}(?<message>\D.*)$/, after: /^ +~+$/ },
      { is: /^ |^\d+ / },
      { is: /^\d+$/, then: /^ +~|^\d+/ },
      { is: /^$/, then: /^\n?(?: +\S|\d+ ?.*\n *[\d~])/ },
    ],
  },
  // -- eslint
  {
    //   3:7  error  Empty block statement  no-empty
    tool: 'eslint',
    words: ['error  ', 'warning  ', 'error\x1b', 'warning\x1b'],
    first:
      /^ +(?<line>\d+):(?<column>\d+) +(?<severity>error|warning) {2,}(?<message>.+?)(?: {2,}(?<code>[@\w/-]+))?$/,
    heading: /^(?<file>\S.*)$/,
  },
  {
    tool: 'eslint',
    words: ['[Error', '[Warning'],
    first:
      /^(?<file>\S.*?):(?<line>\d+):(?<column>\d+): (?<message>.*) \[(?<severity>Error|Warning)(?:\/(?<code>[^\]]+))?\]$/,
  },
  {
    tool: 'eslint',
    words: [', Error - ', ', Warning - '],
    first:
      /^(?<file>\S.*?): line (?<line>\d+), col (?<column>\d+), (?<severity>Error|Warning) - (?<message>.*?)(?: \((?<code>[@\w/-]+)\))?$/,
  },
];
