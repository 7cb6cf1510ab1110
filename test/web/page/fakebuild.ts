// The jobs of the made-up build, and what they said.

import type { Standing } from '../../../src/web/protocol.ts';

export interface FakeJob {
  readonly kind: 'job' | 'seen' | 'absent';
  readonly job: number;
  readonly name: string;
  readonly depth: number;
  readonly children: boolean;
  readonly standing: Standing;
  readonly status: string;
  readonly failedBelow: boolean;
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  readonly errors: number;
  readonly warnings: number;
  readonly critical: boolean;
}

const NAMES = [
  'make -k -j4',
  'liblua.a',
  'lapi.o',
  'lcode.o',
  'lctype.o',
  'ldebug.o',
  'ldo.o',
  'ldump.o',
  'loslib.o',
  'lstrlib.o',
  'ltablib.o',
  'lutf8lib.o',
  'loadlib.o',
  'src/very/long/path/to/a/generated/file/lcorolib.o',
  'lua',
  'linit.o',
  'luac',
  'doc/manual.html',
];
const TIMES = [
  [0, 1780],
  [20, 1420],
  [30, 310],
  [32, 720],
  [34, 120],
  [36, 500],
  [125, 760],
  [320, 560],
  [505, 590],
  [565, 1390],
  [595, 1010],
  [725, 1060],
  [765, 1120],
  [1015, 1260],
  [1430, 1780],
  [1065, 1180],
  [1430, 1500],
  [40, 90],
] as const;

/** The needs of the root. */
export const NAMES_OF_NEEDS = ['liblua.a', 'lua', 'luac', 'doc/manual.html'];

const CRITICAL = new Set([0, 1, 3, 9, 14]);

function standingOf(job: number): Standing {
  if (job === 0 || job === 8) return 'failed';
  if (job === 16) return 'ignored';
  if (job === 17) return 'running';
  return 'ok';
}

export const JOBS: readonly FakeJob[] = NAMES.map((name, job) => {
  const log = logOf(job);
  const standing = standingOf(job);
  return {
    kind: 'job',
    job,
    name,
    depth: job === 0 ? 0 : job === 1 || job >= 14 ? 1 : 2,
    children: job < 2,
    standing,
    status: job === 0 ? 'exit 2' : standing === 'failed' || standing === 'ignored' ? 'exit 1' : '',
    failedBelow: job < 2,
    from: TIMES[job]![0],
    to: TIMES[job]![1],
    bytes: log.join('\n').length,
    errors: log.filter((line) => line.includes(' error: ')).length,
    warnings: log.filter((line) => line.includes(' warning: ')).length,
    critical: CRITICAL.has(job),
  };
});

/** The lines of a job's log. */
export function logOf(job: number): readonly string[] {
  const name = NAMES[job] ?? `src/part${job % 97}/unit${job}.o`;
  const source = name.replace(/\.o$/, '.c');
  const command = `gcc -std=c99 -O2 -Wall -Wextra -fno-stack-protector -fno-common -march=native -DLUA_USE_LINUX -DLUA_USE_READLINE -c -o ${name} ${source}`;
  switch (job) {
    case 0:
      return [...NAMES.slice(1).map((one) => `▸ ${one}`), "make: Target 'all' not remade because of errors."];
    case 8:
      return [
        command,
        'loslib.c: In function ‘os_getenv’:',
        'loslib.c:195:3: error: too few arguments to function ‘lua_pushlstring’',
        '  195 |   lua_pushlstring(L, getenv(luaL_checkstring(L, 1)));',
        '      |   ^~~~~~~~~~~~~~~',
        'In file included from loslib.c:20:',
        'lua.h:245:13: note: declared here',
        'compilation terminated due to -Wfatal-errors.',
        'make: *** [<builtin>: loslib.o] Error 1',
      ];
    case 9:
      return [
        command,
        'lstrlib.c: In function ‘str_blanks’:',
        'lstrlib.c:130:21: warning: comparison of integer expressions of different signedness: ‘int’ and ‘size_t’ [-Wsign-compare]',
        '  130 |   for (int n = l; n > i && luaL_isblank(s[n - 1]); n--)',
        '      |                     ^',
        'lstrlib.c:126:7: warning: unused variable ‘blanks’ [-Wunused-variable]',
        '  126 |   int blanks;',
        '      |       ^~~~~~',
      ];
    case 14:
      return [
        command,
        '\x1b[32mgreen\x1b[0m \x1b[1;33mbold yellow\x1b[0m \x1b[38;5;208morange\x1b[0m \x1b[38;2;90;90;255mblue\x1b[0m \x1b[44;37m on blue \x1b[0m \x1b[7mreversed\x1b[0m \x1b[3;4mitalic\x1b[0m \x1b[30mblack\x1b[0m \x1b[97mwhite\x1b[0m',
        `long: ${'0123456789 '.repeat(60)}`,
      ];
    default:
      return [command];
  }
}
