// Linkers.

import type { ProblemPattern } from '../pattern.ts';

/** The names of GNU ld, and below those of gold, LLVM's linkers and mold as well. */
const GNU_LD = String.raw`(?:\S*\/)?(?:[\w.]+-)*ld(?:\.bfd)?`;
const LD = String.raw`(?:\S*\/)?(?:(?:[\w.]+-)*ld(?:\.\w+)?|ld64\.\w+|wasm-ld|lld-link|mold)`;
const LD_WORDS = ['ld: ', 'ld.bfd: ', 'ld.gold: ', 'mold: '];
const OBJECT = String.raw`[^\s:]+\.(?:l?o|a|so)(?:\([^)]*\))?`;

/** The linkers' patterns. They come before the compilers, whose lines look similar. */
export const LINKERS: readonly ProblemPattern[] = [
  {
    // /usr/bin/ld: two.o:two.c:1: multiple definition of `x'; one.o:one.c:1: first defined here
    tool: 'ld',
    words: [': undefined reference', ': multiple definition', ...LD_WORDS],
    first:
      /^(?:\S*ld(?:\.\w+)?: )?(?:[^\s:]+\.(?:l?o|a|so)(?:\([^)]*\))?:)?(?<file>[^\s:]+?)(?::(?<line>\d+)|:\([^)]*\))?: (?<message>(?:undefined reference to|multiple definition of) .*)$/,
    above: /: [Ii]n function [`'‘].*:$/,
  },
  {
    // m.o:m.c:function main: error: undefined reference to 'g'
    tool: 'ld',
    words: ['error: undefined reference', 'error: multiple definition'],
    first: new RegExp(
      String.raw`^(?:${OBJECT}:)(?<file>[^\s:]+?)(?::(?<line>\d+)|:function .*)?: (?<severity>error): (?<message>.*)$`,
    ),
  },
  {
    // /usr/bin/ld:junk.o: file format not recognized; treating as linker script
    tool: 'ld',
    words: ['; treating as linker script'],
    first: new RegExp(
      String.raw`^${GNU_LD}: ?(?<file>\S+): (?<message>file (?:format )?not recognized); treating as linker script$`,
    ),
    needs: new RegExp(String.raw`^${GNU_LD}: ?\S+:\d+: syntax error`),
    below: [{ is: new RegExp(String.raw`^${GNU_LD}: ?\S+:\d+: syntax error`), ends: true }],
  },
  {
    tool: 'ld',
    words: ['; treating as linker script'],
    first: new RegExp(String.raw`^${GNU_LD}: ?(?<file>\S+): (?<message>.*; treating as linker script)$`),
    severity: 'warning',
  },
  {
    // /usr/bin/ld:bad.ld:1: syntax error
    tool: 'ld',
    words: [': syntax error'],
    first: new RegExp(
      String.raw`^${GNU_LD}: ?(?:-\S+|(?<file>\S+)):(?<line>\d+): (?<message>syntax error.*)$`,
    ),
  },
  {
    // /usr/bin/ld.gold: error: bad.ld:1:31: syntax error, unexpected end of file
    tool: 'ld',
    words: LD_WORDS,
    first: new RegExp(
      String.raw`^${LD}: (?:fatal |internal )?(?<severity>error|fatal): (?<file>[^\s:]+\.[\w.]+|[^\s:]+(?=:\d))(?::(?:\([^)]*\)|(?<line>\d+)))?(?::(?<column>\d+))?: (?<message>.*)$`,
    ),
    below: [
      { is: /^>>> (?:referenced|defined) (?:by|at|in) (?<file>[^\s():]+):(?<line>\d+)/ },
      { is: /^ *\^ (?<message>.*)$/, replaces: true },
      { is: /^>>> / },
    ],
  },
  {
    // ld.lld: error: undefined symbol: f
    tool: 'ld',
    words: LD_WORDS,
    first: new RegExp(
      String.raw`^${LD}: (?:(?<file>[^\s:]+): )?(?:fatal )?(?<severity>error|fatal|warning): (?<message>.*)$`,
    ),
    below: [
      { is: /^>>> (?:referenced|defined) (?:by|at|in) (?<file>[^\s():]+):(?<line>\d+)/ },
      { is: /^>>> / },
      { is: /^\S*ld(?:\.bfd)?: NOTE: (?<message>.*)$/, note: true },
    ],
  },
  {
    // The reason stands above.
    tool: 'ld',
    words: LD_WORDS,
    first: new RegExp(
      String.raw`^${LD}: (?<message>failed to set dynamic section sizes: .*|final link failed: (?:bad value|nonrepresentable section).*|symbol\(s\) not found for architecture .*)$`,
    ),
    summary: true,
  },
  {
    // /usr/bin/ld: a.o: relocation R_X86_64_32 against `.bss' can not be used when making a PIE object;
    // recompile with -fPIE
    tool: 'ld',
    words: LD_WORDS,
    first: new RegExp(
      String.raw`^${LD}: (?!.*: [Ii]n function |.*: previous definition |skipping incompatible |use the --help |.*(?:NOTE|note|warning): |total time |data size |mode |supported )(?:(?<file>[^\s:]+\.(?:l?o|a|so[.\d]*|dylib|tbd|lds?|map|ver|x))(?::\([^)]*\))?: )?(?<message>\S.*)$`,
    ),
    below: [{ is: /^Supported (?:emulations|targets): /, ends: true }],
  },
  {
    // Apple's linker: the symbols stand below.
    tool: 'ld',
    words: ['Undefined symbols for architecture '],
    first: /^(?<message>Undefined symbols for architecture \w+:)$/,
    below: [{ is: /^ {2}"(?<message>.*)", referenced from:$/, completes: true }, { is: /^ {2,}\S/ }],
  },
  {
    // collect2: error: ld returned 1 exit status
    tool: 'ld',
    words: ['error: '],
    first: /^\S+: (?:fatal )?error: (?<message>ld returned \d+ exit status|linker command failed.*)$/,
    summary: true,
  },
];
