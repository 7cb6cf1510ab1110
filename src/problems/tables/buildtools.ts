// CMake and npm.

import type { ProblemPattern } from '../pattern.ts';

export const BUILD_TOOLS: readonly ProblemPattern[] = [
  // -- CMake
  {
    tool: 'cmake',
    words: ['CMake '],
    first:
      /^CMake (?:Deprecation )?(?<severity>Error|Warning)(?: \(dev\))? (?:at|in) (?<file>\S.*?)(?::(?<line>\d+))?(?: \(\w+\))?:$/,
    below: [
      { is: /^ {2}(?<message>\S.*)$/, after: /^CMake /, paragraph: true },
      { is: /^ {4}(?<message>\S.*)$/, completes: true },
      { is: /^ {2,}\S|^Call Stack \(/ },
      { is: /^$/, then: /^\n*(?: {2,}\S|Call Stack \()/ },
      { is: /^This warning is for project developers\./, ends: true },
    ],
  },
  {
    tool: 'cmake',
    words: ['CMake '],
    first: /^CMake (?<severity>Error|Warning)(?: \(dev\))?: (?<message>.*)$/,
  },
  {
    tool: 'npm',
    words: ['npm ERR! ', 'npm error '],
    first: /^npm (?:ERR!|error) (?<message>(?:Lifecycle script|code ELIFECYCLE|Test failed).*)$/,
    below: [{ is: /^npm (?:ERR!|error)/ }],
    summary: true,
  },
  {
    tool: 'npm',
    words: ['npm ERR! ', 'npm error '],
    first: /^npm (?:ERR!|error) (?:code (?<code>\w+)|(?<message>.*))$/,
    below: [{ is: /^npm (?:ERR!|error)(?: (?<message>.*))?$/ }],
  },
];
