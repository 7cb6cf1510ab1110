// Shells, and the small programs that they run.

import type { ProblemPattern } from '../pattern.ts';

/** The C library's texts for errors of system calls that end a build. */
const ERRNO =
  'No such file(?: or directory)?|Permission denied|No space left on device|Read-only file system|Exec format error|Is a directory|Not a directory|File exists|Directory not empty|Cannot allocate memory|Resource temporarily unavailable|Too many open files|Argument list too long|Operation not permitted|Disk quota exceeded|Input\\/output error|Text file busy|Device or resource busy';

export const SHELLS: readonly ProblemPattern[] = [
  {
    // ar: junk.o: file format not recognized
    tool: 'binutils',
    words: [
      ': file format not recognized',
      ': file truncated',
      ': malformed archive',
      ': invalid bfd target',
    ],
    first:
      /^(?:\S*\/)?(?:[\w.]+-)*(?:ar|ranlib|nm|objcopy|objdump|strip|size|strings|addr2line|readelf): (?<file>[^:]+): (?<message>.*)$/,
  },
  {
    // a.sh: line 1: syntax error near unexpected token `)', with the source on the line below
    tool: 'shell',
    words: [': syntax error', ': Syntax error'],
    first:
      /^(?:(?:\S*\/)?(?:ba|da|a|k|z)?sh|(?<file>[^\s:]+)): (?:-c: )?(?:line )?(?<line>\d+): (?<message>[Ss]yntax error.*)$/,
    below: [{ is: /^\S+: (?:-c: )?line \d+: `.*'$/, ends: true }],
  },
  {
    tool: 'perl',
    words: ['syntax error at ', "Can't locate "],
    first:
      /^(?<message>(?:syntax error|Can't locate \S+ in @INC .*)) at (?:-e|(?<file>\S+)) line (?<line>\d+)(?:\.|, .*)$/,
    below: [{ is: /^BEGIN failed--|^Execution of .* aborted due to / }],
  },
  {
    // Kconfig, and the parsers of lex and yacc: Kconfig:12: syntax error
    tool: 'other',
    words: [': syntax error'],
    first: /^(?<file>[^\s:]+):(?<line>\d+):(?:(?<column>\d+):)? (?<message>syntax error.*)$/,
  },
  {
    tool: 'shell',
    words: [
      ': not found',
      ': command not found',
      ': cannot open ',
      ": can't open ",
      ': cannot create ',
      ": can't cd to ",
      ': cannot execute',
      ': unbound variable',
      ': parameter not set',
      ': bad substitution',
      ': Bad substitution',
      ': unexpected operator',
      ': not a valid identifier',
      ': missing ]',
      ": missing `]'",
    ],
    first:
      /^(?:(?:\S*\/)?(?:ba|da|a|k|z)?sh: (?:-c: )?(?:line )?(?:\d+: )?|(?<file>[^\s:]+): (?:line )?(?<line>\d+): )(?<message>.*: (?:(?:command )?not found|cannot open .*|can't open .*|can't cd to .*|cannot execute(?:: .*)?|unexpected operator|missing `?\]'?)|\S.*: (?:unbound variable|parameter not set|[Bb]ad substitution|not a valid identifier)|[Bb]ad substitution|[Cc]an(?:no|')t (?:open|create) .*)$/,
  },
  {
    tool: 'shell',
    words: [': cannot open ', ": can't open "],
    first: /^(?<what>[\w.+-]+): (?<message>can(?:'t|not) open .*)$/,
  },
  {
    // e.sh: line 6: /none/x: No such file or directory
    tool: 'shell',
    words: [': line '],
    first: new RegExp(
      String.raw`^(?!(?:\S*\/)?(?:ba|da|a|k|z)?sh: )(?<file>[^\s:]+): line (?<line>\d+): (?<message>.+: (?:${ERRNO}))$`,
    ),
  },
  {
    // cp: cannot stat 'x': No such file or directory
    tool: 'shell',
    words: ERRNO.replaceAll('\\', '')
      .replace('(?: or directory)?', '')
      .split('|')
      .map((text) => `: ${text}`),
    first: new RegExp(
      String.raw`^(?<what>[\w.+/-]+): (?:line \d+: |\d+: )?(?<message>.+: (?:${ERRNO})|(?:write error|fork|memory exhausted|final close): (?:${ERRNO}))$`,
    ),
  },
  {
    // as: unrecognized option '--nosuch'
    tool: 'shell',
    words: [': unrecognized ', ': Unrecognized ', ': unknown option', ': invalid option', ': illegal option'],
    first:
      /^(?:\S*\/)?(?<what>[\w.+-]+): (?<message>(?:[uU]nrecognized|unknown|invalid|illegal) option\b.*)$/,
    below: [{ is: /^(?:Try [`'].* for more information|[Uu]sage: .*)/, ends: true }],
  },
  {
    tool: 'shell',
    words: [': invalid ', ': omitting directory', ': cannot overwrite ', ': memory exhausted'],
    first:
      /^(?<what>cp|mv|install|chmod|chown|chgrp|date|seq|truncate|head|tail|sort|timeout): (?<message>invalid (?!option).*|-r not specified; .*|omitting directory .*|cannot overwrite .*|memory exhausted)$/,
  },
  {
    // sed: -e expression #1, char 3: unterminated `s' command
    tool: 'sed',
    words: ['sed: -e expression #', 'sed: file '],
    first: /^g?sed: (?<message>(?:-e expression #\d+, char \d+|file (?<file>\S+) line (?<line>\d+)): .*)$/,
  },
  {
    tool: 'awk',
    words: ['awk: '],
    first: /^[gmn]?awk: (?:cmd\. )?(?:line[: ]\d+): (?<message>(?!\(FILENAME=).*)$/,
  },
  {
    // Hunk #1 FAILED at 1.
    tool: 'patch',
    words: ['Hunk #'],
    first: /^(?<message>Hunk #\d+ FAILED at \d+)(?: \(.*\))?\.?$/,
    above: /^(?:[Pp]atching file (?<file>\S+).*|Hunk #\d+ .*)$/,
  },
  {
    tool: 'patch',
    words: [' FAILED -- saving rejects'],
    first: /^(?<message>\d+ out of \d+ hunks? FAILED) -- saving rejects to file .*$/,
    summary: true,
  },
  { tool: 'patch', words: ['patch: **** '], first: /^patch: \*\*\*\* (?<message>.*)$/ },
  { tool: 'curl', words: ['curl: ('], first: /^curl: \(\d+\) (?<message>\S.*)$/ },
  {
    tool: 'tar',
    words: ['tar: ', 'gzip: '],
    first:
      /^(?:\S*\/)?(?:bsd|g)?(?:tar|gzip): (?<message>(?:This does not look like a tar archive|Unexpected EOF in archive|.*: (?:Cannot \w+: .*|not in gzip format|unexpected end of file|invalid compressed data.*)).*)$/,
  },
  {
    tool: 'tar',
    words: ['tar: '],
    first: /^(?:\S*\/)?(?:bsd|g)?tar: (?<message>Exiting with failure status.*|Error is not recoverable.*)$/,
    summary: true,
  },
  {
    tool: 'scons',
    words: ['scons: *** '],
    first: /^scons: \*\*\* \[(?<what>[^\]]+)\] (?<message>\S.*)$/,
    summary: true,
  },
  { tool: 'scons', words: ['scons: *** '], first: /^scons: \*\*\* (?<message>\S.*)$/ },
  {
    tool: 'python',
    words: [': No module named ', "python3: can't open file "],
    first: /^(?:\S*\/)?python[\d.]*: (?<message>No module named .*|can't open file .*)$/,
  },
  {
    tool: 'cmake',
    words: ['Error: '],
    first: /^Error: (?<message>.* is not a directory|could not load cache|could not find .* in Cache)$/,
  },
  { tool: 'cmake', words: ['Error copying '], first: /^(?<message>Error copying (?:file|directory) .*)$/ },
  {
    // A package build that repeats an earlier error.
    tool: 'dpkg',
    words: ['error: '],
    first:
      /^(?:dpkg-buildpackage|dh_\w+|debuild): error: (?<message>.* (?:subprocess )?returned exit (?:status|code) \d+)$/,
    summary: true,
  },
  { tool: 'apt', words: ['E: '], first: /^E: (?<message>\S.*)$/ },
  {
    // ! LaTeX Error: File `x.sty' not found.
    tool: 'latex',
    words: ['! '],
    first: /^! (?<message>[A-Z].*)$/,
    needs: /^(?:.*\n){0,7}l\.\d+ /,
    below: [
      { is: /^l\.(?<line>\d+) /, ends: true },
      { is: /^/, then: /^(?:.*\n){0,6}l\.\d+ |^l\.\d+ / },
    ],
  },
];
