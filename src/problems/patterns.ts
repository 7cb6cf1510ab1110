// The table of what tools say, an entry or more a tool. For each word that is found in a log, the entries that have it are tried in this
// order. The formats were taken from what the tools printed, in the logs of test/problems/logs.

import type { Below, Pattern } from './pattern.ts';
import { ASSEMBLERS, CAPITALS, CONFIGURATION, CRASHES, FRAMEWORKS, LINKERS, SHELLS } from './toolchain.ts';

/** Compilers colour "error", so an escape sequence may follow the word. */
const ERRORS = ['error: ', 'error[', 'error\x1b'];
const WARNINGS = ['warning: ', 'warning[', 'warning\x1b'];
const BOTH = [...ERRORS, ...WARNINGS];

/** Lines that gcc and clang print before a problem or a note: how they came there. */
const LED =
  /^(?:In file included from .*[:,]|(?:\s+|In module .* imported )from .*[:,]|.+?: (?:In|At) (?:.*\S )?(?:functions?|constructors?|destructors?|instantiation|substitution|top level|global scope|static member function|lambda function|closure)\b.*|.+?:\d+:\d+: {3}(?:recursively )?required .*|\s+inlined from .*[:,])$/;
const CARETS = /^[ \t]*[~^][ \t~^]*$/;

/** A line of source and one of carets, as clang and javac have them; below it what could stand there instead. */
const SNIPPET: readonly Below[] = [
  { is: CARETS, caret: true },
  { is: /./, next: CARETS },
];

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

const RUST: readonly Below[] = [
  { is: /^ *(?:-->|:::) (?<file>.+?):(?<line>\d+):(?<column>\d+)$/ },
  { is: /^ *= note: `#\[(?:warn|deny|forbid)\((?<code>[\w:]+)\)\]`/ },
  { is: /^(?:note|help)(?:: (?<message>.*))?$/, note: true },
  { is: /^(?: *\d+)? *[|=~+-]|^ |^\d+ |^\.\.\.$/ },
];

/** The frames of a panic, of which the first outside of Go's own code is where it was. */
const GOROUTINES: readonly Below[] = [
  { is: /^\t*panic: (?<message>.*)$/ },
  { is: /^\[signal / },
  { is: /^$/, then: /^goroutine \d+ \[/ },
  { is: /^goroutine \d+ \[.*\]:$/ },
  { is: /^\t(?!.*\/src\/(?:runtime|testing)\/)(?<file>.+\.go):(?<line>\d+)/ },
  { is: /^\t.+\.go:\d+/ },
  { is: /^\S.*\)$|^created by /, then: /^\t.+\.go:\d+/ },
  { is: /^exit status \d+$/ },
];

const CHAIN = '(?:During handling of the above exception|The above exception was the direct cause)';
const TRACEBACK: readonly Below[] = [
  { is: /^ +File "(?<file>.+)", line (?<line>\d+)/, replaces: true },
  { is: /^ {2,}\S/ },
  {
    is: /^(?<code>[A-Za-z_][\w.]*)(?:: (?<message>.*))?$/,
    replaces: true,
    ends: true,
    unless: new RegExp(`^(?:\\S.*\\n){0,6}\\n${CHAIN}`),
  },
  { is: /^\S/, then: new RegExp(`^(?:\\S.*\\n){0,5}\\n${CHAIN}`) },
  { is: /^$/, then: new RegExp(`^(?:${CHAIN}|Traceback )`) },
  { is: new RegExp(`^${CHAIN}`) },
  { is: /^Traceback \(most recent call last\):$/ },
];

/** Node's stack: the first frame outside of Node itself is where it was, unless the lines above have said it. */
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

const PYTEST_SAYS =
  /^E +(?:(?<code>[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Failed)): )?(?<message>\S.*)$/;

const MAKE = '(?:g?make|mingw32-make|remake)(?:\\[\\d+\\])?';

function table(): Pattern[] {
  return [
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
      below: [
        { is: /^(?<file>[^\s:][^:]*):(?<line>\d+): warning: (?<message>ignoring old .*)$/, note: true },
      ],
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
    ...LINKERS,
    // -- java's compiler; before gcc, whose lines look alike
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
    ...ASSEMBLERS,
    ...CONFIGURATION,
    ...CRASHES,
    ...FRAMEWORKS,
    // -- rustc and cargo
    {
      tool: 'rustc',
      words: BOTH,
      first: /^(?<severity>error|warning)(?:\[(?<code>\w+)\])?: (?<message>.+)$/,
      needs: /^ *--> /,
      below: RUST,
    },
    {
      tool: 'rustc',
      words: BOTH,
      first:
        /^(?<severity>error|warning): (?<message>aborting due to .*|could not compile .*|test failed, to rerun .*|\d+ targets? failed:|build failed.*|\d+ warnings? emitted|`.*` \(.*\) generated \d+ warnings?.*)$/,
      summary: true,
    },
    {
      // thread 'main' (123) panicked at src/main.rs:5:33:
      tool: 'rust',
      words: [' panicked at '],
      first:
        /^thread '(?<what>.*)'(?: \(\d+\))? panicked at (?:'(?<message>.*)', )?(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+):?$/,
      below: [
        { is: /^(?<message>\S.*)$/, after: / panicked at [^']*:$/ },
        { is: /^ +(?<message>(?:left|right): .*)$/, joins: true },
        { is: /^ +\d+: |^ +at |^stack backtrace:$|^note: / },
      ],
    },
    {
      // What main() or a test returned.
      tool: 'rust',
      words: ['Error: '],
      first: /^Error: (?<message>".*"|[A-Z]\w*(?:\(.*\)| \{.*))$/,
      unless: /^ {4}at /,
    },
    {
      tool: 'rust',
      words: ['... FAILED'],
      first: /^test (?<what>\S+)(?: - should panic)? \.\.\. (?<message>FAILED)$/,
      summary: true,
    },
    {
      // What could not be read: the last of the causes says why.
      tool: 'cargo',
      words: BOTH,
      first:
        /^(?<severity>error|warning): (?:(?<file>\S*Cargo\.toml): )?(?<what>(?:failed to|could not|no matching|unable to|cannot|the lock file|package `|unused manifest key|virtual manifest).*)$/,
      below: [
        { is: /^(?:referenced by|required by|location searched:|perhaps|searched|note:|help:) ?/ },
        { is: /^$/, then: /^Caused by:/ },
        { is: /^Caused by:$/ },
        { is: /^ {2}(?<message>\S.*)$/, after: /^Caused by:$/, replaces: true },
        { is: /^ *\d* \|/ },
      ],
    },
    // -- TypeScript
    {
      // src/a.ts(1,2): error TS2322: …
      tool: 'tsc',
      words: ['error TS', 'warning TS', 'message TS'],
      first:
        /^(?:(?<file>\S.*?)\((?<line>\d+),(?<column>\d+)\): )?(?<severity>error|warning|message) (?<code>TS\d+): (?<message>.*)$/,
      below: [{ is: /^ {2,}\S/ }],
    },
    {
      // src/a.ts:1:2 - error TS2322: …
      tool: 'tsc',
      words: ['error\x1b', 'warning\x1b', 'error TS'],
      first:
        /^(?:(?<file>\S.*?):(?<line>\d+):(?<column>\d+) - )?(?<severity>error|warning) (?<code>TS\d+): (?<message>.*)$/,
      below: [
        { is: /^ {2}(?<file>\S.*?):(?<line>\d+):(?<column>\d+)$/, note: true },
        { is: /^ {4}(?<message>\D.*)$/, after: /^ +~+$/ },
        { is: /^ |^\d+ / },
        { is: /^\d+$/, then: /^ +~|^\d+/ },
        { is: /^$/, then: /^\n?(?: +\S|\d+ ?.*\n *[\d~])/ },
      ],
    },
    // -- eslint
    {
      //   3:7  error  Empty block statement  no-empty
      tool: 'eslint',
      words: ['error  ', 'warning  ', 'error\x1b', 'warning\x1b'],
      first:
        /^ +(?<line>\d+):(?<column>\d+) +(?<severity>error|warning) {2,}(?<message>.+?)(?: {2,}(?<code>[@\w/-]+))?$/,
      heading: /^(?<file>\S.*)$/,
    },
    {
      tool: 'eslint',
      words: ['[Error', '[Warning'],
      first:
        /^(?<file>\S.*?):(?<line>\d+):(?<column>\d+): (?<message>.*) \[(?<severity>Error|Warning)(?:\/(?<code>[^\]]+))?\]$/,
    },
    {
      tool: 'eslint',
      words: [', Error - ', ', Warning - '],
      first:
        /^(?<file>\S.*?): line (?<line>\d+), col (?<column>\d+), (?<severity>Error|Warning) - (?<message>.*?)(?: \((?<code>[@\w/-]+)\))?$/,
    },
    // -- Go
    {
      tool: 'go',
      words: ['.go:'],
      first: /^(?:vet: )?(?<file>[^\s:]+\.go):(?<line>\d+):(?<column>\d+): (?<message>.*)$/,
      below: [{ is: /^\t+\S/ }],
    },
    {
      tool: 'go',
      words: ['go: '],
      first:
        /^go: (?!downloading |finding |extracting |added |upgraded |downgraded |removed |creating |to add |warning: )(?<message>.+)$/,
      below: [
        { is: /^(?<file>\S+go\.(?:mod|work)):(?<line>\d+): (?<message>.*)$/, replaces: true },
        { is: /^\t/ },
      ],
    },
    {
      tool: 'go test',
      words: ['--- FAIL: '],
      first: /^ *--- FAIL: (?<what>\S+) \([\d.]+s\)$/,
      // The test that has those as its parts.
      unless: /^ +--- (?:FAIL|PASS|SKIP): /,
      // With -v its lines come first.
      above: /^ {4,}(?:(?<file>[\w.-]+\.go):(?<line>\d+): (?<message>.*)|(?!--- )\S.*)$/,
      below: [
        { is: /^ {4,}(?<file>[\w.-]+\.go):(?<line>\d+): (?<message>.*)$/ },
        { is: /^ {4,}(?!--- )\S/ },
        ...GOROUTINES,
      ],
      bare: true,
    },
    {
      tool: 'go',
      words: ['panic: '],
      first: /^panic: (?<message>.*)$/,
      needs: /^(?:\s.*\n|\[signal .*\n|\n)*goroutine \d+ \[/,
      below: GOROUTINES,
    },
    // -- Python
    {
      tool: 'python',
      words: ['Traceback (most'],
      first: /^Traceback \(most recent call last\):$/,
      needsMessage: true,
      below: TRACEBACK,
    },
    {
      // A file that cannot be compiled has no frames.
      tool: 'python',
      words: ['  File "'],
      first: /^ {2}File "(?<file>.+)", line (?<line>\d+)$/,
      needsMessage: true,
      below: [{ is: /^ {4,}\S/ }, { is: /^(?<code>\w*Error): (?<message>.*)$/, ends: true }],
    },
    {
      tool: 'python',
      words: ['Warning: '],
      first: /^ *(?<file>[^\s:][^:]*):(?<line>\d+): (?<code>\w*Warning): (?<message>.*)$/,
      severity: 'warning',
      below: [{ is: /^ {2,}\S/, ends: true }],
    },
    // -- pytest
    {
      // ______ test_name ______
      tool: 'pytest',
      words: ['___ '],
      first: /^_{3,} (?<what>\S.*?) _{3,}$/,
      needsMessage: true,
      below: [
        { is: PYTEST_SAYS },
        {
          is: /^(?<file>[^\s:]+\.py):(?<line>\d+):(?: in .+| (?<code>[A-Za-z_][\w.]*))?$/,
          replaces: true,
        },
        { is: /^(?!_{3,} \S|={3,} |!{3,} )/ },
      ],
    },
    {
      // With --tb=line: the place is below.
      tool: 'pytest',
      words: ['E   '],
      first: PYTEST_SAYS,
      needs: /^(?!E {3})(?:(?!E {3}).*\n){0,7}\S+\.py:\d+: /,
      below: [
        { is: /^(?<file>\S+\.py):(?<line>\d+): /, ends: true },
        { is: /^(?!_{3,} \S|={3,} |!{3,} |E {3})/ },
      ],
    },
    {
      tool: 'pytest',
      words: ['FAILED ', 'ERROR ', 'FAILED\x1b', 'ERROR\x1b'],
      first: /^(?:FAILED|ERROR) (?<file>[^\s:]+\.py)(?:::(?<what>\S+))?(?: - (?<message>.*))?$/,
      summary: true,
    },
    // -- Node, and Java's exceptions
    {
      // An error that nobody caught: the place and its source stand above.
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
    // -- other runners of tests
    {
      // Below "failing tests:", and below a line "test at a.test.js:8:1".
      tool: 'node:test',
      words: ['✖ '],
      first: /^✖ (?!.* # (?:TODO|SKIP))(?<what>.*?)(?: \([\d.]+ms\))?$/,
      block: /(?:^|\n)test at (?<file>[^\n]+?):(?<line>\d+):(?<column>\d+)\n$/,
      needsBlock: true,
      below: [
        { is: /^ {2}(?<code>[A-Za-z]\w*)(?: \[\w+\])?: (?<message>.*)$/, after: /^✖ / },
        { is: /^ {2}(?<message>\S.*)$/, after: /^✖ / },
        { is: /^ +(?<message>\S.*)$/, completes: true },
        { is: /^$/, then: /^\n?(?: |$)/ },
      ],
    },
    {
      tool: 'node:test',
      words: ['✖ '],
      first: /^ *✖ (?<what>.*) \([\d.]+ms\)$/,
      summary: true,
    },
    {
      tool: 'TAP',
      words: ['not ok'],
      first: /^ *not ok\b(?! .*# (?:TODO|SKIP|todo|skip)\b)(?: \d+)?(?: -)?(?: (?<what>.*?))?$/,
      below: [
        { is: /^ *# +(?:Failed test.* )?at (?<file>\S.*) line (?<line>\d+)\.$/ },
        { is: /^ *# {2,}\S/ },
        { is: /^ +failureType: 'subtestsFailed'$/, none: true },
        { is: /^ +location: ["'](?:file:\/\/)?(?<file>.+):(?<line>\d+):(?<column>\d+)["']$/ },
        { is: /^ +(?:error|message): '(?<message>.*)'$/ },
        { is: /^ +(?:error|message): "(?<message>.*)"$/ },
        { is: /^ +(?<message>\S.*)$/, after: /^ +(?:error|message): [|>]-?$/ },
        { is: /^ +\.\.\.$/, ends: true },
        { is: /^ +---$/ },
        {
          is: /^ +(?!(?:not )?ok\b|# |\d+\.\.\d+$)(?<message>\S.*)$|^$/,
          then: /^(?: *\n| +(?!(?:not )?ok\b|# )\S)/,
          completes: true,
        },
      ],
    },
    {
      tool: 'TAP',
      words: ['#   Failed test'],
      first: /^ *# {3}Failed test(?: '(?<what>.*)')?(?: at (?<file>\S.*) line (?<line>\d+)\.)?$/,
      below: [{ is: /^ *# +at (?<file>\S.*) line (?<line>\d+)\.$/ }, { is: /^ *# {2,}\S/ }],
    },
    {
      tool: 'jest',
      words: ['● '],
      first: /^ {2}● (?!Console$|Deprecation Warning|Validation Warning)(?<what>\S.*)$/,
      needsMessage: true,
      below: [
        {
          is: /^ +at (?:.* \()?(?!node:)(?!.*node_modules)(?<file>[^():]+):(?<line>\d+):(?<column>\d+)\)?$/,
        },
        { is: /^ {4}(?<message>(?:Expected|Received)[^-+]*: \S.*)$/, joins: true },
        { is: /^ {4}(?<message>\S.*)$/ },
        { is: /^ {4,}/ },
        { is: /^$/, then: /^\n?(?: {4}|$)/ },
      ],
    },
    {
      // 2/6 Test #2: bad ....***Failed  0.00 sec
      tool: 'ctest',
      words: ['***Failed', '***Timeout', '***Exception', '***Not Run'],
      first: /^ *\d+\/\d+ Test +#\d+: (?<what>\S.*?) \.*\*\*\*(?<message>\w.*?) +[\d.]+ sec$/,
    },
    {
      tool: 'ctest',
      words: [
        '(Failed)',
        '(Timeout)',
        '(SEGFAULT)',
        '(Not Run)',
        '(Child aborted)',
        '(ILLEGAL)',
        '(NUMERICAL)',
      ],
      first: /^\t *\d+ - (?<what>.+) \((?<message>[\w ]+)\)$/,
      summary: true,
    },
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
    // -- anything else
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
    ...SHELLS,
    {
      // As the GNU coding standards have programs say it.
      tool: 'other',
      words: [...BOTH, 'fatal: '],
      first:
        /^(?:(?<what>[\w./+-]+)(?:\[\d+\])?: +)?(?<severity>(?:fatal )?error|fatal|warning): +(?<message>\S.*)$/,
    },
    ...CAPITALS,
  ];
}

let all: readonly Pattern[] | undefined;

/** The table; made when it is first asked for, so that a command which does not ask pays nothing. */
export function patterns(): readonly Pattern[] {
  return (all ??= table());
}
