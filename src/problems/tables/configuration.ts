// Tools that configure a build, and the kernel's build-time checks.

import type { ProblemPattern } from '../pattern.ts';

export const CONFIGURATION: readonly ProblemPattern[] = [
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
    // configure: error: in `/project/ac':, with the message on the line below
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
