// Messages that a program prints as it dies, or that others print about its death.

import type { Below, ProblemPattern } from '../pattern.ts';

/**
 * A frame of a sanitizer's stack. The frames of libc and of the sanitizer itself name relative files, far
 * above the folder.
 */
const FRAME =
  /^ +#\d+ (?:0x[\da-f]+ in )?.+? (?!\.\.\/|\/(?:build|usr\/(?:src|lib|include))\/)(?<file>[^\s:()]+):(?<line>\d+)(?::(?<column>\d+))?(?: \(.*\))?$/;
const SANITIZER: readonly Below[] = [
  { is: /^SUMMARY: \w+Sanitizer: /, ends: true },
  { is: FRAME },
  {
    is: /^ +#\d+ |^ {2}\S|^(?:previously )?(?:allocated|freed|created) by |^(?:READ|WRITE|Direct|Indirect) /,
  },
  {
    is: /^(?:The signal is caused|Hint:|HINT:|Address 0x|0x[\da-f]+ is |This frame |Uninitialized value|Exiting$)/,
  },
  { is: /^==\d+==(?:The signal|Hint|Register)/ },
  {
    is: /^$/,
    then: /^\n?(?:SUMMARY: | +#\d+ | {2}\S|(?:Direct|Indirect) |0x[\da-f]+ is |.* by |Address 0x)/,
  },
];

const VALGRIND: readonly Below[] = [
  {
    is: /^==\d+== {3,4}(?:at|by) 0x[\dA-F]+: .* \((?<file>[^\s:()]+\.(?:c|cc|cpp|cxx|C|h|hpp|rs|f90)):(?<line>\d+)\)$/,
  },
  { is: /^==\d+== {2,}\S/ },
];

/** Signals that kill a process; not those of Ctrl-C and `kill`. */
const SIGNALS =
  'Aborted|Segmentation fault|Bus error|Illegal instruction|Floating point exception|Killed|Trace\\/breakpoint trap';
const SIGNAL_WORDS = [
  'Segmentation fault',
  'Bus error',
  'Illegal instruction',
  'Floating point exception',
  'Trace/breakpoint trap',
];

export const CRASHES: readonly ProblemPattern[] = [
  {
    // ==4428==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000015 at pc …
    tool: 'sanitizer',
    words: ['Sanitizer: ', 'ERROR: ', 'WARNING: '],
    first:
      /^(?:==\d+==)?(?:ERROR|WARNING): (?<message>(?:Address|HWAddress|Leak|Thread|Memory)Sanitizer: \S.*?)(?: on (?:unknown )?address.*| on 0x.*| \(pid=\d+\)| 0x.*)?$/,
    below: SANITIZER,
  },
  {
    // For a log that lacks the lines above.
    tool: 'sanitizer',
    words: ['Sanitizer: '],
    first:
      /^SUMMARY: (?<message>(?:Address|HWAddress|Leak|Thread|Memory)Sanitizer: .*?)(?: (?!\(|\.\.\/)(?<file>[^\s:()]+):(?<line>\d+)(?::(?<column>\d+))?(?: in .*)?| \(.*\+0x.*)?$/,
  },
  {
    // a.c:1:44: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
    tool: 'sanitizer',
    words: ['runtime error: '],
    first: /^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): runtime error: (?<message>.*)$/,
    below: [
      { is: /^(?:0x[\da-f]+|[^\s:]+:\d+:\d+): note: (?<message>.*)$/, note: true },
      { is: /^ (?:[\da-f]{2} ){2}|^ {2}[\da-f]{2} / },
      { is: /^ +\^ *$/ },
      { is: /^SUMMARY: UndefinedBehaviorSanitizer: /, ends: true },
    ],
  },
  {
    tool: 'sanitizer',
    words: ['WARNING: DATA RACE'],
    first: /^(?:WARNING: )(?<message>DATA RACE)$/,
    below: [
      { is: /^ {6}(?!.*\/src\/(?:runtime|testing|sync)\/)(?<file>\/\S+\.go):(?<line>\d+)/ },
      { is: /^ {2,}\S|^(?:Previous|Read|Write|Goroutine) / },
      { is: /^$/, then: /^(?:Previous|Goroutine) / },
    ],
  },
  {
    // ==4783== Invalid write of size 1
    tool: 'valgrind',
    words: [
      'Invalid write of size ',
      'Invalid read of size ',
      'Invalid free() ',
      'Conditional jump or move depends on ',
      'Use of uninitialised value of size ',
      'contains uninitialised byte(s)',
      'lost in loss record ',
      'Process terminating with default action of signal ',
    ],
    first:
      /^==\d+== (?<message>(?:Invalid |Conditional jump |Use of uninitialised |Syscall param |Process terminating |[\d,() a-z]*bytes in [\d,]+ blocks are definitely lost).*?)(?: in loss record .*)?$/,
    below: VALGRIND,
  },
  {
    tool: 'valgrind',
    words: ['ERROR SUMMARY: '],
    first: /^==\d+== ERROR SUMMARY: (?<message>[1-9]\d* errors from \d+ contexts).*$/,
    summary: true,
  },
  {
    // at: at.c:2: main: Assertion `1==2' failed.
    tool: 'assert',
    words: ['Assertion `'],
    first: /^(?:\S+: )?(?<file>[^\s:]+):(?<line>\d+): (?:.*: )?(?<message>Assertion `.*' failed\.?.*)$/,
  },
  {
    // Assertion failed: x == 1 (a.c: main: 5)
    tool: 'assert',
    words: ['Assertion failed: '],
    first: /^(?<message>Assertion failed: .*) \((?<file>[^\s():]+): .*: (?<line>\d+)\)$/,
  },
  {
    // Assertion failed: (x), function main, file a.c, line 5.
    tool: 'assert',
    words: ['Assertion failed: '],
    first: /^(?<message>Assertion failed: .*?)(?:, function .*, file (?<file>.*), line (?<line>\d+)\.?)?$/,
    unless: /^ {4}at /,
  },
  {
    // ERROR:a.c:5:main: assertion failed: (x)
    tool: 'assert',
    words: [': assertion failed'],
    first:
      /^(?:\*\* )?(?:\(\S+\): )?(?:\S+:)?ERROR:(?<file>[^\s:]+):(?<line>\d+):[^:]*: (?<message>assertion failed.*)$/,
  },
  {
    tool: 'glib',
    words: ['-CRITICAL **', '-WARNING **', '-ERROR **'],
    first:
      /^\((?:process|[^\s:()]+):\d+\): (?<what>\S+)-(?<severity>CRITICAL|WARNING|ERROR) \*\*: (?:[\d:.]+: )?(?<message>.*)$/,
  },
  {
    // terminate called after throwing an instance of 'std::runtime_error', with   what():  no way   below
    tool: 'C++',
    words: [' called after throwing an instance of ', ' called without an active exception'],
    first:
      /^terminate called (?:after throwing an instance of '(?<code>.*)'|(?<message>without an active exception))$/,
    below: [{ is: /^ {2}what\(\): +(?<message>.*)$/, ends: true }],
  },
  {
    // *** stack smashing detected ***: terminated
    tool: 'libc',
    words: ['*** stack smashing', '*** buffer overflow'],
    first: /^\*\*\* (?<message>(?:stack smashing|buffer overflow) detected) \*\*\*: .*$/,
  },
  {
    // free(): double free detected in tcache 2
    tool: 'libc',
    words: ['free(): ', 'alloc(): ', 'chunk(): ', 'free or corruption (', 'corrupted size vs. prev'],
    first:
      /^(?:\*\*\* Error in .*: )?(?<message>(?:free|[a-z_]*alloc|munmap_chunk)\(\): .*|double free or corruption \(.*\)|corrupted size vs\. prev_size.*)$/,
  },
  {
    // e.sh: line 20:  5048 Aborted                 ./at
    tool: 'shell',
    words: [': line '],
    first: new RegExp(
      String.raw`^(?:(?:\S*\/)?(?:ba|da|a|k|z)?sh|(?<file>[^\s:]+)): line (?<line>\d+): +\d+ (?<message>(?:${SIGNALS})(?: +\(core dumped\))?)(?: .*)?$`,
    ),
  },
  {
    tool: 'shell',
    words: ['Aborted'],
    first: /^(?<message>Aborted)(?: \(core dumped\))?$/,
    summary: true,
  },
  {
    tool: 'shell',
    words: SIGNAL_WORDS,
    first: new RegExp(
      String.raw`^(?<message>${SIGNALS.replace('Aborted|', '').replace('Killed|', '')})(?: \(core dumped\))?$`,
    ),
  },
  { tool: 'shell', words: ['Killed'], first: /^(?<message>Killed)$/ },
  {
    // Out of memory: Killed process 123 (cc1plus) total-vm:…
    tool: 'kernel',
    words: ['Out of memory: Kill'],
    first: /^(?:\[ *[\d.]+\] )?(?<message>Out of memory: Kill(?:ed)? process) \d+ \((?<code>[^)]*)\).*$/,
  },
  {
    // cc1plus: out of memory allocating 65536 bytes after a total of 1234567 bytes
    tool: 'cc',
    words: [': out of memory ', 'virtual memory exhausted'],
    first:
      /^(?:(?<what>[\w+./-]+): )?(?<message>out of memory allocating \d+ bytes|virtual memory exhausted: .*).*$/,
  },
  {
    // c++: internal compiler error: Killed (program cc1plus)
    tool: 'cc',
    words: ['internal compiler error: '],
    first: /^(?:\S*\/)?[^\s/:]+: (?<message>internal compiler error: .*)$/,
    below: [{ is: /^Please submit a full bug report|^with preprocessed source|^See .* for instructions/ }],
  },
  {
    // command timed out: 1200 seconds without output running ['make'], attempting to kill
    tool: 'timeout',
    words: ['command timed out: '],
    first: /^(?<message>command timed out: .*)$/,
  },
  {
    tool: 'timeout',
    words: ['timeout: sending signal '],
    first: /^timeout: (?<message>sending signal \w+ to command .*)$/,
  },
];
