// Python and pytest.

import type { Below, ProblemPattern } from '../pattern.ts';

const CHAIN = '(?:During handling of the above exception|The above exception was the direct cause)';

const TRACEBACK: readonly Below[] = [
  { is: /^ +File "(?<file>.+)", line (?<line>\d+)/, replaces: true },
  { is: /^ {2,}\S/ },
  {
    is: /^(?<code>[A-Za-z_][\w.]*)(?:: (?<message>.*))?$/,
    replaces: true,
    ends: true,
    unless: new RegExp(`^(?:\\S.*\\n){0,6}\\n${CHAIN}`),
  },
  { is: /^\S/, then: new RegExp(`^(?:\\S.*\\n){0,5}\\n${CHAIN}`) },
  { is: /^$/, then: new RegExp(`^(?:${CHAIN}|Traceback )`) },
  { is: new RegExp(`^${CHAIN}`) },
  { is: /^Traceback \(most recent call last\):$/ },
];

const PYTEST_SAYS =
  /^E +(?:(?<code>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Failed)): )?(?<message>\S.*)$/;

export const PYTHON: readonly ProblemPattern[] = [
  // -- Python
  {
    tool: 'python',
    words: ['Traceback (most'],
    first: /^Traceback \(most recent call last\):$/,
    needsMessage: true,
    below: TRACEBACK,
  },
  {
    // A file that cannot be compiled has no frames.
    tool: 'python',
    words: ['  File "'],
    first: /^ {2}File "(?<file>.+)", line (?<line>\d+)$/,
    needsMessage: true,
    below: [{ is: /^ {4,}\S/ }, { is: /^(?<code>\w*Error): (?<message>.*)$/, ends: true }],
  },
  {
    tool: 'python',
    words: ['Warning: '],
    first: /^ *(?<file>[^\s:][^:]*):(?<line>\d+): (?<code>\w*Warning): (?<message>.*)$/,
    severity: 'warning',
    below: [{ is: /^ {2,}\S/, ends: true }],
  },
  // -- pytest
  {
    // ______ test_name ______
    tool: 'pytest',
    words: ['___ '],
    first: /^_{3,} (?<what>\S.*?) _{3,}$/,
    needsMessage: true,
    below: [
      { is: PYTEST_SAYS },
      {
        is: /^(?<file>[^\s:]+\.py):(?<line>\d+):(?: in .+| (?<code>[A-Za-z_][\w.]*))?$/,
        replaces: true,
      },
      { is: /^(?!_{3,} \S|={3,} |!{3,} )/ },
    ],
  },
  {
    // With --tb=line, the place stands below.
    tool: 'pytest',
    words: ['E   '],
    first: PYTEST_SAYS,
    needs: /^(?!E {3})(?:(?!E {3}).*\n){0,7}\S+\.py:\d+: /,
    below: [
      { is: /^(?<file>\S+\.py):(?<line>\d+): /, ends: true },
      { is: /^(?!_{3,} \S|={3,} |!{3,} |E {3})/ },
    ],
  },
  {
    tool: 'pytest',
    words: ['FAILED ', 'ERROR ', 'FAILED\x1b', 'ERROR\x1b'],
    first: /^(?:FAILED|ERROR) (?<file>[^\s:]+\.py)(?:::(?<what>\S+))?(?: - (?<message>.*))?$/,
    summary: true,
  },
];
