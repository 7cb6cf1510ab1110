// Exceptions of Node and Java.

import type { Below, ProblemPattern } from '../pattern.ts';

/**
 * Node's stack. The first frame outside of Node itself is the place, unless the lines above have given it.
 */
const STACK: readonly Below[] = [
  {
    is: /^ +at (?:.*\()?(?!node:)(?:file:\/\/)?(?<file>\/[^()]*|[A-Za-z.][^():]*):(?<line>\d+):(?<column>\d+)\)?(?: \{)?$/,
  },
  { is: /^ +at |^ {4}\.\.\. \d+ lines matching / },
  { is: /^Require stack:$|^- \// },
  { is: /^ {2,}\S/ },
  { is: /^\}$/ },
  { is: /^$/, then: /^Node\.js v\d/ },
  { is: /^Node\.js v\d/, ends: true },
  { is: /^/, after: /^(?! +at |\}$)/, then: /^(?:(?! +at ).*\n){0,7} {4}at / },
];

export const EXCEPTIONS: readonly ProblemPattern[] = [
  {
    // An uncaught error: its place and source stand above.
    tool: 'node',
    words: ['Error: ', 'Error [', 'Exception: '],
    first: /^(?<code>[A-Za-z][\w.]*(?:Error|Exception)|Error)(?: \[\w+\])?: (?<message>.*)$/,
    block: /(?:^|\n)(?:node:\S+:\d+|(?:file:\/\/)?(?<file>\S[^\n]*):(?<line>\d+))\n[^\n]*\n[ \t]*\^+\n\n?$/,
    needsBlock: true,
    below: STACK,
  },
  {
    tool: 'node',
    words: ['Error: ', 'Error [', 'Exception: '],
    first: /^(?:Uncaught )?(?<code>[A-Za-z][\w.]*(?:Error|Exception)|Error)(?: \[\w+\])?: (?<message>.*)$/,
    needs: /^(?: {4}at |Require stack:)/,
    below: STACK,
  },
  {
    tool: 'node',
    words: ['Warning: '],
    first: /^\(node:\d+\) (?:\[(?<code>\w+)\] )?\w*Warning: (?<message>.*)$/,
    severity: 'warning',
    below: [{ is: /^\(Use `/, ends: true }],
  },
  {
    tool: 'java',
    words: ['Exception in thread '],
    first: /^Exception in thread ".*" (?<code>[\w.$]+)(?:: (?<message>.*))?$/,
    below: [
      { is: /^\tat (?!java\.|jdk\.|sun\.)[^(]*\((?<file>[\w$]+\.(?:java|kt|scala)):(?<line>\d+)\)/ },
      { is: /^\t(?:at |\.\.\. \d+ )|^Caused by: / },
    ],
    bare: true,
  },
];
