// All other programs. These patterns come last.

import type { ProblemPattern } from '../pattern.ts';
import { BOTH } from './shared.ts';

export const OTHER: readonly ProblemPattern[] = [
  {
    // The format of the GNU coding standards.
    tool: 'other',
    words: [...BOTH, 'fatal: '],
    first:
      /^(?:(?<what>[\w./+-]+)(?:\[\d+\])?: +)?(?<severity>(?:fatal )?error|fatal|warning): +(?<message>\S.*)$/,
  },
  // Messages with the severity in capitals.
  {
    // docs/a.rst:3: WARNING: Title underline too short.
    tool: 'other',
    words: ['ERROR: ', 'WARNING: '],
    first:
      /^(?<file>[^\s:]+):(?<line>\d+):(?:(?<column>\d+):)? (?<severity>ERROR|WARNING|CRITICAL|SEVERE): (?<message>\S.*)$/,
  },
  {
    tool: 'other',
    words: ['ERROR: ', 'WARNING: '],
    first: /^(?:(?<what>[\w./+-]+): +)?(?<severity>(?:FATAL )?ERROR|WARNING): +(?<message>\S.*)$/,
    below: [{ is: /^#\d+: FILE: (?<file>[^\s:]+):(?<line>\d+):$/, ends: true }],
  },
  {
    // Without a program's name before it, this could be anything.
    tool: 'other',
    words: ['Error: ', 'Warning: '],
    first: /^(?:(?<what>[\w./+-]+): +|LaTeX )(?<severity>(?:Fatal )?Error|Warning): +(?<message>\S.*)$/,
    unless: /^ {4}at /,
  },
];
