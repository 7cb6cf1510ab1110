// Compilers of C, C++ and Java.

import type { Below, ProblemPattern } from '../pattern.ts';
import { BOTH, CARETS, ERRORS, SNIPPET, WARNINGS } from './shared.ts';

/** Lines that gcc and clang print before a problem or a note, saying how they got there. */
const LED =
  /^(?:In file included from .*[:,]|(?:\s+|In module .* imported )from .*[:,]|.+?: (?:In|At) (?:.*\S )?(?:functions?|constructors?|destructors?|instantiation|substitution|top level|global scope|static member function|lambda function|closure)\b.*|.+?:\d+:\d+: {3}(?:recursively )?required .*|\s+inlined from .*[:,])$/;

const CC: readonly Below[] = [
  { is: /^(?<file>.+?):(?<line>\d+):(?:(?<column>\d+):)? note: +(?<message>.*)$/, note: true },
  { is: LED, then: /^(?:(?:In file |\s+from |.*: In |.*: +(?:recursively )?required ).*\n)*.+:\d+: note: / },
  { is: /^ *\d* \|(?: |$)/ },
  { is: /^ {2,}‘.*’: events? / },
  { is: /^note: \(skipping \d+ expansions/ },
  { is: /^compilation terminated\.$/, ends: true },
  { is: CARETS },
  { is: /./, next: CARETS },
  { is: /^[ \t]+\S/, after: CARETS },
];

export const COMPILERS: readonly ProblemPattern[] = [
  // -- java's compiler; before gcc, whose lines look similar
  {
    tool: 'javac',
    words: ['.java:'],
    first:
      /^(?<file>\S.*\.java):(?<line>\d+): (?<severity>error|warning): (?:\[(?<code>[\w-]+)\] )?(?<message>.*)$/,
    below: [...SNIPPET, { is: /^ {2,}\S/ }],
  },
  {
    tool: 'javac',
    words: WARNINGS,
    first: /^(?<severity>warning): \[(?<code>[\w-]+)\] (?<message>.*)$/,
  },
  {
    tool: 'javac',
    words: ERRORS,
    first:
      /^(?<severity>error): (?<message>(?:file not found|invalid flag|no source files|class found on).*)$/,
  },
  // -- gcc and clang
  {
    tool: 'cc',
    words: BOTH,
    first:
      /^(?<file>(?=[^:]*[^\d:\s])(?=\S)(?:[^:'"`$<>|=]|:(?!\d))+?):(?<line>\d+):(?:(?<column>\d+):)? (?:internal compiler |sorry, unimplemented: )?(?<severity>(?:fatal )?error|warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
    above: LED,
    below: CC,
  },
  {
    // <command-line>: fatal error: none.h: No such file or directory
    tool: 'cc',
    words: BOTH,
    first:
      /^<(?:command-line|built-in|stdin)>:(?:\d+:(?:\d+:)?)? (?<severity>(?:fatal )?error|warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
    above: LED,
    below: CC,
  },
  {
    // cc1: fatal error: none.c: No such file or directory
    tool: 'cc',
    words: BOTH,
    first:
      /^(?:\S*\/)?(?:[^\s/]*-)?(?:cc1(?:plus|obj|objplus)?|g?cc|[gc]\+\+|cpp|clang(?:\+\+)?|collect2|lto1|lto-wrapper|f951|gfortran)(?:-[\d.]+)?: (?<severity>(?:fatal )?error|warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
    below: [{ is: /^compilation terminated\.$/, ends: true }],
  },
  {
    tool: 'cc',
    words: BOTH,
    first: /^(?<severity>error|warning): (?<message>.*) \[(?<code>-W[^\]]*)\]$/,
  },
];
