// Assemblers, code generators, and compilers whose messages look like gcc's.

import type { ProblemPattern } from '../pattern.ts';
import { NUMBERED } from './shared.ts';

export const GENERATORS: readonly ProblemPattern[] = [
  {
    // a.f90:4:10:, its source, and below them: Error: Syntax error in argument list at (1)
    tool: 'gfortran',
    words: ['Error: ', 'Warning: '],
    first: /^(?<severity>(?:Fatal )?Error|Warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
    block: /(?:^|\n)(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+):\n\n(?:[^\n]+\n){1,3}$/,
    needsBlock: true,
    below: [{ is: /^compilation terminated\.$/, ends: true }],
  },
  {
    tool: 'gfortran',
    words: ['Error: ', 'Warning: '],
    first:
      /^(?<file>[^\s:]+\.[fF]\w*):(?<line>\d+):(?<column>\d+): (?<severity>(?:Fatal )?Error|Warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
  },
  {
    // File "a.ml", line 3, characters 4-5:, its source, and below them: Error: Unbound value x
    tool: 'ocaml',
    words: ['Error: '],
    first: /^Error(?: \([^()]*\))?: (?<message>.*)$/,
    block:
      /(?:^|\n)File "(?<file>[^"\n]+)", lines? (?<line>\d+)(?:-\d+)?, characters (?<column>\d+)-\d+:\n(?:[^\n]+\n){0,4}$/,
    needsBlock: true,
    below: [{ is: /^ {2,}\S/ }],
  },
  {
    // a.i:2: Error: Unable to find 'none.i'
    tool: 'swig',
    words: ['Error: ', ': Warning '],
    first:
      /^(?<file>[^\s:]+\.(?:i|swg)):(?<line>\d+): (?<severity>Error|Warning)(?: (?<code>\d+))?: (?<message>.*)$/,
  },
  {
    // a.s:1: Error: no such instruction: `nosuch eax'
    tool: 'as',
    words: ['Error: ', 'Warning: ', 'atal error: '],
    first:
      /^(?<file>\{standard input\}|[^\s:]+\.(?!py:)\w+(?=:)|[^\s:]+(?=:\d))(?::(?<line>\d+))?: (?<severity>Error|Warning|Fatal error): (?<message>.*)$/,
    unless: /^ {4}at /,
    above: /: Assembler messages:$/,
  },
  {
    tool: 'as',
    words: ['Error: ', 'atal error: '],
    first: /^(?:Fatal error|Error): (?<message>can't (?:open|create|read|close|write) .*)$/,
    above: /^Assembler messages:$/,
  },
  {
    // a.dts:2.15-19: Warning (unit_address_vs_reg): /soc/a@1: node has a unit name, but no reg or ranges
    // property
    tool: 'dtc',
    words: [': Warning (', ': ERROR ('],
    first:
      /^(?:<stdout>|(?<file>[^\s:]+):(?<line>\d+)\.(?<column>\d+)-[\d.]+): (?<severity>Warning|ERROR) \((?<code>\w+)\): (?<message>.*)$/,
  },
  {
    // Error: a.dts:2.11-12 syntax error
    tool: 'dtc',
    words: ['Error: '],
    first: /^Error: (?<file>[^\s:]+):(?<line>\d+)\.(?<column>\d+)-[\d.]+ (?<message>.*)$/,
    below: [{ is: /^FATAL ERROR: Unable to parse input tree$/, ends: true }],
  },
  {
    // a.y:2.15-16: error: integer out of range: ‘$5’
    tool: 'bison',
    words: ['error: ', 'error\x1b', 'warning: ', 'warning\x1b'],
    first:
      /^(?<file>[^\s:]+):(?<line>\d+)\.(?<column>\d+)(?:-[\d.]+)?: (?<severity>(?:fatal )?error|warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
    below: [NUMBERED],
  },
  {
    tool: 'bison',
    words: ['error: ', 'error\x1b', 'warning: ', 'warning\x1b'],
    first:
      /^(?<file>[^\s:]+\.(?:y|yy|ypp|y\+\+)): (?<severity>(?:fatal )?error|warning): (?<message>.*?)(?: \[(?<code>-W[^\]]*)\])?$/,
  },
  {
    // a.l:2: unrecognized rule
    tool: 'flex',
    words: ['.l:', '.ll:', '.lex:'],
    first:
      /^(?<file>[^\s:]+\.(?:l|ll|lex)):(?<line>\d+): (?!(?:fatal )?error|warning:|note:)(?:(?<severity>warning), )?(?<message>[a-zA-Z].*)$/,
  },
  {
    // a.proto:3:13: "Foo" is not defined.
    tool: 'protoc',
    words: ['.proto:'],
    first:
      /^(?<file>[^\s:]+\.proto)(?::(?<line>\d+):(?<column>\d+))?: (?:(?<severity>warning|error): )?(?<message>[A-Z"].*)$/,
  },
  {
    tool: 'protoc',
    words: ['[libprotobuf '],
    first: /^\[libprotobuf (?<severity>WARNING|ERROR|FATAL) [^\]]*\] (?<message>.*)$/,
  },
  {
    tool: 'protoc',
    words: [': program not found', ': Plugin failed', 'Could not make proto path'],
    first:
      /^(?<message>protoc-gen-\S+: program not found.*|--\w+_out: .*: Plugin failed.*|Could not make proto path .*)$/,
  },
  {
    // m4:a.m4:3: cannot open `none': No such file or directory
    tool: 'm4',
    words: ['m4:'],
    first:
      /^(?:\S*\/)?g?m4:(?:(?<file>[^\s:]+):(?<line>\d+):)? (?:(?<severity>ERROR|Warning): )?(?<message>\S.*)$/,
  },
];
