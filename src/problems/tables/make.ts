// make and ninja.

import type { ProblemPattern } from '../pattern.ts';

const MAKE = '(?:g?make|mingw32-make|remake)(?:\\[\\d+\\])?';

export const MAKES: readonly ProblemPattern[] = [
  // -- make
  {
    // make[1]: *** [Makefile:3: a.o] Segmentation fault
    tool: 'make',
    words: ['*** ['],
    first: new RegExp(
      `^${MAKE}: \\*\\*\\* \\[(?:(?<file>[^\\]<]+?):(?<line>\\d+): |<builtin>: )?(?<what>.+)\\] (?<message>(?:Killed|Aborted|Segmentation fault|Bus error|Illegal instruction|Floating point exception|Trace).*)$`,
    ),
  },
  {
    // make: *** [Makefile:3: a.o] Error 1 (but not what Ctrl-C did)
    tool: 'make',
    words: ['*** ['],
    first: new RegExp(
      `^${MAKE}: \\*\\*\\* \\[(?:(?<file>[^\\]<]+?):(?<line>\\d+): |<builtin>: )?(?<what>.+)\\] (?!Interrupt$)(?<message>\\S.*)$`,
    ),
    summary: true,
  },
  {
    // make: *** No rule to make target 'b', needed by 'a'.  Stop.
    tool: 'make',
    words: ['*** '],
    first: new RegExp(
      `^${MAKE}: \\*\\*\\* (?!Waiting for unfinished|Deleting |\\[|wait: No child)(?<message>.+?)(?: +Stop\\.)?$`,
    ),
  },
  {
    // Makefile:2: *** missing separator.  Stop.
    tool: 'make',
    words: ['*** '],
    first: /^(?<file>[^\s:][^:]*):(?<line>\d+): \*\*\* (?<message>.+?)(?: +Stop\.)?$/,
  },
  {
    tool: 'make',
    words: ['warning: overriding '],
    first: /^(?<file>[^\s:][^:]*):(?<line>\d+): (?<severity>warning): (?<message>overriding \S+ for .*)$/,
    below: [{ is: /^(?<file>[^\s:][^:]*):(?<line>\d+): warning: (?<message>ignoring old .*)$/, note: true }],
  },
  {
    tool: 'make',
    words: [': Circular '],
    first: new RegExp(`^${MAKE}: (?<message>Circular .* <- .* dependency dropped\\.)$`),
    severity: 'warning',
  },
  {
    // make: cc: No such file or directory
    tool: 'make',
    words: [': No such file or directory', ': Permission denied'],
    first: new RegExp(
      `^(?:${MAKE}|(?<file>[^\\s:]*[Mm]akefile[^\\s:]*|[^\\s:]+\\.ma?k):(?<line>\\d+)): (?<message>[^:]+: (?:No such file or directory|Permission denied))$`,
    ),
  },
  // -- ninja
  {
    tool: 'ninja',
    words: ['ninja: '],
    first: /^ninja: (?<severity>error|warning|fatal): (?:(?<file>[^\s:]+):(?<line>\d+): )?(?<message>.*)$/,
    below: [{ is: /./, then: /^ *\^/ }, { is: /^ *\^/ }],
  },
  {
    tool: 'ninja',
    words: ['FAILED: '],
    first: /^FAILED: (?:\[code=\d+\] )?(?<what>\S.*)$/,
    summary: true,
  },
  { tool: 'ninja', words: ['ninja: '], first: /^ninja: (?<message>build stopped: .*)$/, summary: true },
];
