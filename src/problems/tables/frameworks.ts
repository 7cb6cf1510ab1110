// Test frameworks of C and C++.

import type { ProblemPattern } from '../pattern.ts';

export const FRAMEWORKS: readonly ProblemPattern[] = [
  {
    // gt.cc:3: Failure
    tool: 'gtest',
    words: [': Failure'],
    first: /^(?:(?<file>(?!unknown file)[^\s:][^:]*):(?<line>\d+)|unknown file): Failure$/,
    needsMessage: true,
    below: [
      { is: /^(?! *\[ )(?!\S+:\d+: Failure)(?!unknown file: )(?<message>\S.*)$/, after: /: Failure$/ },
      { is: /^ *(?<message>(?:Actual|Expected): .*)$/, joins: true },
      { is: /^ +(?! *\[ )(?<message>\S.*)$/, completes: true },
      { is: /^(?! *\[ )(?!\S+:\d+: (?:Failure|Skipped))(?!unknown file: )./ },
    ],
  },
  {
    // [  FAILED  ] A.Bad (0 ms)
    tool: 'gtest',
    words: ['[  FAILED  ] '],
    first: /^\[ {2}FAILED {2}\] (?!\d+ tests?\b)(?<what>\S+?)(?:, where .*)?(?: \(\d+ ms\))?$/,
    summary: true,
  },
  {
    // a.cpp:12: FAILED:, with   REQUIRE( x == y )   below
    tool: 'catch2',
    words: [': FAILED:'],
    first: /^(?<file>[^\s:]+):(?<line>\d+): FAILED:$/,
    needsMessage: true,
    below: [
      { is: /^ {2}(?<message>\S.*)$/, after: /: FAILED:$/ },
      { is: /^ {2}(?<message>\S.*)$/, after: /^with expansion:$/, joins: true },
      { is: /^ {2}\S|^with (?:expansion|message)|^due to / },
    ],
  },
  {
    // a.cpp(12): error: in "suite/test": check x == y has failed
    tool: 'cc',
    words: ['error: ', 'warning: ', 'error C', 'warning C'],
    first:
      /^(?<file>[^\s()]+)\((?<line>\d+)(?:,(?<column>\d+))?\) ?: (?<severity>(?:fatal )?error|warning)(?: (?:#\S+|(?<code>[A-Z]+\d+)))?: (?<message>.*)$/,
  },
];
