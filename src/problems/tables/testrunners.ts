// Test runners: node:test, TAP, jest, ctest.

import type { ProblemPattern } from '../pattern.ts';

export const TEST_RUNNERS: readonly ProblemPattern[] = [
  {
    // Below "failing tests:", and below a line "test at a.test.js:8:1".
    tool: 'node:test',
    words: ['✖ '],
    first: /^✖ (?!.* # (?:TODO|SKIP))(?<what>.*?)(?: \([\d.]+ms\))?$/,
    block: /(?:^|\n)test at (?<file>[^\n]+?):(?<line>\d+):(?<column>\d+)\n$/,
    needsBlock: true,
    below: [
      { is: /^ {2}(?<code>[A-Za-z]\w*)(?: \[\w+\])?: (?<message>.*)$/, after: /^✖ / },
      { is: /^ {2}(?<message>\S.*)$/, after: /^✖ / },
      { is: /^ +(?<message>\S.*)$/, completes: true },
      { is: /^$/, then: /^\n?(?: |$)/ },
    ],
  },
  {
    tool: 'node:test',
    words: ['✖ '],
    first: /^ *✖ (?<what>.*) \([\d.]+ms\)$/,
    summary: true,
  },
  {
    tool: 'TAP',
    words: ['not ok'],
    first: /^ *not ok\b(?! .*# (?:TODO|SKIP|todo|skip)\b)(?: \d+)?(?: -)?(?: (?<what>.*?))?$/,
    below: [
      { is: /^ *# +(?:Failed test.* )?at (?<file>\S.*) line (?<line>\d+)\.$/ },
      { is: /^ *# {2,}\S/ },
      { is: /^ +failureType: 'subtestsFailed'$/, none: true },
      { is: /^ +location: ["'](?:file:\/\/)?(?<file>.+):(?<line>\d+):(?<column>\d+)["']$/ },
      { is: /^ +(?:error|message): '(?<message>.*)'$/ },
      { is: /^ +(?:error|message): "(?<message>.*)"$/ },
      { is: /^ +(?<message>\S.*)$/, after: /^ +(?:error|message): [|>]-?$/ },
      { is: /^ +\.\.\.$/, ends: true },
      { is: /^ +---$/ },
      {
        is: /^ +(?!(?:not )?ok\b|# |\d+\.\.\d+$)(?<message>\S.*)$|^$/,
        then: /^(?: *\n| +(?!(?:not )?ok\b|# )\S)/,
        completes: true,
      },
    ],
  },
  {
    tool: 'TAP',
    words: ['#   Failed test'],
    first: /^ *# {3}Failed test(?: '(?<what>.*)')?(?: at (?<file>\S.*) line (?<line>\d+)\.)?$/,
    below: [{ is: /^ *# +at (?<file>\S.*) line (?<line>\d+)\.$/ }, { is: /^ *# {2,}\S/ }],
  },
  {
    tool: 'jest',
    words: ['● '],
    first: /^ {2}● (?!Console$|Deprecation Warning|Validation Warning)(?<what>\S.*)$/,
    needsMessage: true,
    below: [
      {
        is: /^ +at (?:.* \()?(?!node:)(?!.*node_modules)(?<file>[^():]+):(?<line>\d+):(?<column>\d+)\)?$/,
      },
      { is: /^ {4}(?<message>(?:Expected|Received)[^-+]*: \S.*)$/, joins: true },
      { is: /^ {4}(?<message>\S.*)$/ },
      { is: /^ {4,}/ },
      { is: /^$/, then: /^\n?(?: {4}|$)/ },
    ],
  },
  {
    // 2/6 Test #2: bad ....***Failed  0.00 sec
    tool: 'ctest',
    words: ['***Failed', '***Timeout', '***Exception', '***Not Run'],
    first: /^ *\d+\/\d+ Test +#\d+: (?<what>\S.*?) \.*\*\*\*(?<message>\w.*?) +[\d.]+ sec$/,
  },
  {
    tool: 'ctest',
    words: [
      '(Failed)',
      '(Timeout)',
      '(SEGFAULT)',
      '(Not Run)',
      '(Child aborted)',
      '(ILLEGAL)',
      '(NUMERICAL)',
    ],
    first: /^\t *\d+ - (?<what>.+) \((?<message>[\w ]+)\)$/,
    summary: true,
  },
];
