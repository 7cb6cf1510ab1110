// The part of the table (patterns.ts) on what stands around compilers: linkers, assemblers, generators of code, configuration, what a program
// prints as it dies, test frameworks of C and C++, shells.

import type { Below, Pattern } from './pattern.ts';

/** A line of source with its number, as gcc, bison and gfortran print it, and the one of carets. */
const NUMBERED: Below = { is: /^ *\d* \|(?: |$)/ };

// -- linkers -------------------------------------------------------------------------------------------------------------------

/** GNU's, in any of its names; gold's, LLVM's, mold. */
const GNU_LD = String.raw`(?:\S*\/)?(?:[\w.]+-)*ld(?:\.bfd)?`;
const LD = String.raw`(?:\S*\/)?(?:(?:[\w.]+-)*ld(?:\.\w+)?|ld64\.\w+|wasm-ld|lld-link|mold)`;
const LD_WORDS = ['ld: ', 'ld.bfd: ', 'ld.gold: ', 'mold: '];
const OBJECT = String.raw`[^\s:]+\.(?:l?o|a|so)(?:\([^)]*\))?`;

/** Before the compilers, whose lines look alike. */
export const LINKERS: readonly Pattern[] = [
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
    // What was said above it is why.
    tool: 'ld',
    words: LD_WORDS,
    first: new RegExp(
      String.raw`^${LD}: (?<message>failed to set dynamic section sizes: .*|final link failed: (?:bad value|nonrepresentable section).*|symbol\(s\) not found for architecture .*)$`,
    ),
    summary: true,
  },
  {
    // /usr/bin/ld: a.o: relocation R_X86_64_32 against `.bss' can not be used when making a PIE object; recompile with -fPIE
    tool: 'ld',
    words: LD_WORDS,
    first: new RegExp(
      String.raw`^${LD}: (?!.*: [Ii]n function |.*: previous definition |skipping incompatible |use the --help |.*(?:NOTE|note|warning): |total time |data size |mode |supported )(?:(?<file>[^\s:]+\.(?:l?o|a|so[.\d]*|dylib|tbd|lds?|map|ver|x))(?::\([^)]*\))?: )?(?<message>\S.*)$`,
    ),
    below: [{ is: /^Supported (?:emulations|targets): /, ends: true }],
  },
  {
    // Apple's: the symbols stand below.
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

// -- assemblers, generators of code ----------------------------------------------------------------------------------------------

export const ASSEMBLERS: readonly Pattern[] = [
  {
    // a.f90:4:10:, its source, and below: Error: Syntax error in argument list at (1)
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
    // File "a.ml", line 3, characters 4-5:, its source, and below: Error: Unbound value x
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
    // a.dts:2.15-19: Warning (unit_address_vs_reg): /soc/a@1: node has a unit name, but no reg or ranges property
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

// -- configuration -------------------------------------------------------------------------------------------------------------

export const CONFIGURATION: readonly Pattern[] = [
  {
    // meson.build:2:0: ERROR: Problem encountered: no way
    tool: 'meson',
    words: ['ERROR: ', 'WARNING: '],
    first:
      /^(?<file>(?:[^\s:]*\/)?meson(?:\.build|_options\.txt|\.options)):(?<line>\d+):(?:(?<column>\d+):)? (?<severity>ERROR|WARNING): (?<message>.*)$/,
  },
  {
    // 1/2 t FAIL            0.02s   exit status 1
    tool: 'meson',
    words: [' FAIL ', ' TIMEOUT ', ' ERROR '],
    first: /^ *\d+\/\d+ (?<what>\S.*?) +(?<message>(?:FAIL|TIMEOUT|ERROR) +[\d.]+s(?: {2,}\S.*)?)$/,
  },
  {
    // configure: error: in `/project/ac':, and what it is below
    tool: 'configure',
    words: ['error: in '],
    first: /^(?:[\w.-]+): error: in [`'].*':$/,
    needsMessage: true,
    below: [{ is: /^[\w.-]+: error: (?<message>.*)$/, ends: true }],
  },
  {
    tool: 'autoconf',
    words: ['error: '],
    first:
      /^(?:autoreconf|autom4te|autoheader|aclocal|automake): error: (?<message>.* failed with exit status: \d+)$/,
    summary: true,
  },
  {
    // Package nosuch was not found in the pkg-config search path.
    tool: 'pkg-config',
    words: ['in the pkg-config search path'],
    first: /^(?<message>Package \S+ was not found in the pkg-config search path)\.?$/,
    below: [
      {
        is: /^Perhaps you should add the directory containing |^to the PKG_CONFIG_PATH environment variable/,
      },
      { is: /^Package '.*', required by '.*', not found$|^No package '.*' found$/, ends: true },
    ],
  },
  {
    tool: 'pkg-config',
    words: ["No package '", 'Package dependency requirement ', "', required by '"],
    first:
      /^(?<message>No package '.*' found|Package dependency requirement '.*' could not be satisfied\.|Package '.*', required by '.*', not found)$/,
    below: [{ is: /^Package '.*' has version '.*', required version is /, ends: true }],
  },
  {
    // ERROR: modpost: "f" [drivers/x.ko] undefined!
    tool: 'modpost',
    words: ['ERROR: ', 'WARNING: '],
    first: /^(?<severity>ERROR|WARNING): (?:modpost: )?(?<message>"\S+" \[(?<file>[^\]]+)\] undefined!)$/,
  },
  {
    tool: 'modpost',
    words: ['ERROR: modpost', 'WARNING: modpost'],
    first: /^(?<severity>ERROR|WARNING): modpost: (?<message>.*)$/,
  },
  {
    // vmlinux.o: warning: objtool: f()+0x12: unreachable instruction
    tool: 'objtool',
    words: ['warning: ', 'error: '],
    first: /^(?<file>\S+\.o): (?<severity>error|warning): objtool: (?<message>.*)$/,
  },
];

// -- what a program prints as it dies --------------------------------------------------------------------------------------------

/** A frame of a sanitizer's stack; those of libc and of the sanitizer itself are of relative files far above. */
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

/** Of a process that was killed; not what Ctrl-C and `kill` do. */
const SIGNALS =
  'Aborted|Segmentation fault|Bus error|Illegal instruction|Floating point exception|Killed|Trace\\/breakpoint trap';
const SIGNAL_WORDS = [
  'Segmentation fault',
  'Bus error',
  'Illegal instruction',
  'Floating point exception',
  'Trace/breakpoint trap',
];

export const CRASHES: readonly Pattern[] = [
  {
    // ==4428==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000015 at pc …
    tool: 'sanitizer',
    words: ['Sanitizer: ', 'ERROR: ', 'WARNING: '],
    first:
      /^(?:==\d+==)?(?:ERROR|WARNING): (?<message>(?:Address|HWAddress|Leak|Thread|Memory)Sanitizer: \S.*?)(?: on (?:unknown )?address.*| on 0x.*| \(pid=\d+\)| 0x.*)?$/,
    below: SANITIZER,
  },
  {
    // Where the lines above it are not in this log.
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
    // terminate called after throwing an instance of 'std::runtime_error', and below:   what():  no way
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

// -- test frameworks of C and C++ ------------------------------------------------------------------------------------------------

export const FRAMEWORKS: readonly Pattern[] = [
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
    // a.cpp:12: FAILED:, and below:   REQUIRE( x == y )
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

// -- shells, and what they run -----------------------------------------------------------------------------------------------------

/** What the C library calls the errors of system calls that end a build. */
const ERRNO =
  'No such file(?: or directory)?|Permission denied|No space left on device|Read-only file system|Exec format error|Is a directory|Not a directory|File exists|Directory not empty|Cannot allocate memory|Resource temporarily unavailable|Too many open files|Argument list too long|Operation not permitted|Disk quota exceeded|Input\\/output error|Text file busy|Device or resource busy';

export const SHELLS: readonly Pattern[] = [
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
    // a.sh: line 1: syntax error near unexpected token `)', and the line below
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
    // Kconfig, lex and yacc's own: Kconfig:12: syntax error
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
    // What a package's build says once more.
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

/** The last of the table: as programs shout it. */
export const CAPITALS: readonly Pattern[] = [
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
    // Without a program before it, it may be anything.
    tool: 'other',
    words: ['Error: ', 'Warning: '],
    first: /^(?:(?<what>[\w./+-]+): +|LaTeX )(?<severity>(?:Fatal )?Error|Warning): +(?<message>\S.*)$/,
    unless: /^ {4}at /,
  },
];
