// The wire: every kind of record that the recorder understands, with its senders and its fields in order.
// framing.ts has the framing and escaping. test/capture/wire.test.ts reads the senders, and fails if one
// sends an unknown kind, or another number of fields. Knows no hook.
//
// Any job may forge a record or leave fields out. A field that was not sent is '', and hooks check every
// field.

import type { Status } from '../model/events.ts';

const PROCESS = "the tool's process: its PID and start time";
const JOB = "the job's id on the wire";
const PLACE = 'LOGLIN_JOB of the sender: `<slot>/<job>`';
const SLOT = "the job's slot; -: it has none";
const TIME = 'µs since the epoch';
const LINEAGE = 'the processes above it, the oldest first: `ticks.pid/…` (model/lineage.ts); may be empty';
const SHOWN = '1: stdout goes to the log; 0: elsewhere';
const MARK_STREAM =
  "the slot in whose stream the step's record stands; -: the control FIFO; e…: ninja passes it on";
const STATUS = 'exit status, or the negative signal (statusOf)';
const SHELL_STATUS = '`$?` of a shell (statusOf)';
const EXIT_CODE = 'what the tool gave exit(); negative: not known (statusOf)';
const USER = 'µs of user time';
const SYSTEM = 'µs of system time';
const PEAK = 'peak memory in KiB; empty: not known';
const CWD = 'current folder, absolute';
const ARGV = 'the command, a field for each word';

/** A longer folder is none (PATH_MAX): the record is forged, and its parts are not looked through. */
export const LONGEST_FOLDER = 4096;

/** One kind of record. */
export interface KindOfRecord {
  readonly what: string;
  /** The files that send it, below src/capture. */
  readonly senders: readonly string[];
  /** The fields in order, with their meanings. */
  readonly fields: Readonly<Record<string, string>>;
  /** The meaning of any number of fields that follow. */
  readonly rest?: Readonly<Record<string, string>>;
}

export const WIRE = {
  // GNU make: hooks/make
  M: {
    what: 'a make starts',
    senders: ['library/make.c'],
    fields: {
      process: PROCESS,
      pid: 'its PID',
      place: PLACE,
      flags:
        "stdout, stderr are the job's slot: 1 or 0 each; where stdout goes otherwise: p: a pipe, f: a file, -: elsewhere",
      time: TIME,
      lineage: LINEAGE,
    },
    rest: { argv: ARGV },
  },
  L: {
    what: 'make launches a job: its first step',
    senders: ['library/make.c'],
    fields: {
      job: JOB,
      process: PROCESS,
      slot: SLOT,
      flags:
        'four digits, 1 or 0: stdout goes to the slot (p: make prints it, and the slot gets a copy before); stderr does; with what make prints around a piece; the target is missing',
      time: TIME,
      cwd: CWD,
      target: '$@, with `(stem)`',
      needs: '`$^ | $|`',
      newer: '$?',
      goals: "make's goals, or its default goal",
    },
    rest: { argv: ARGV },
  },
  P: {
    what: "make launches a further step of a job; it begins at the mark in the job's slot",
    senders: ['library/make.c'],
    fields: {
      job: JOB,
      step: 'its number, from 1',
      framed: '1: with what make prints around a piece',
      time: TIME,
    },
    rest: { argv: ARGV },
  },
  S: {
    what: "the mark in a job's slot: what follows is this step's output",
    senders: ['library/make.c', 'hooks/nested/shim.sh'],
    fields: { job: JOB, step: 'its number, from 0', stream: MARK_STREAM },
  },
  W: {
    what: 'make has reaped a step',
    senders: ['library/make.c'],
    fields: { job: JOB, step: 'its number', status: STATUS, time: TIME, user: USER, sys: SYSTEM, peak: PEAK },
  },
  Y: {
    what: "in make's stderr, where that has a slot of its own: the place where W stands in its stdout",
    senders: ['library/make.c'],
    fields: { job: JOB, step: 'its number' },
  },
  E: {
    what: 'a target of make is finished: no further step follows',
    senders: ['library/make.c'],
    fields: { job: JOB },
  },
  X: {
    what: 'a make exits',
    senders: ['library/make.c'],
    fields: {
      process: PROCESS,
      exit: EXIT_CODE,
      time: TIME,
      graph: 'the spool file of its file data base; empty: none',
      cwd: CWD,
      keepGoing: '1: -k; 0: not; empty: not known',
    },
  },
  F: {
    what: 'what make prints around each piece of output (-w --output-sync)',
    senders: ['library/make.c'],
    fields: {
      process: PROCESS,
      unit: "a piece is a `line`'s or a `target`'s output",
      before: 'what stands before it, in hex',
      after: 'what stands after it, in hex',
    },
  },
  G: {
    what: 'the graph alone, before the build (--plan)',
    senders: ['library/make.c'],
    fields: { cwd: CWD, goals: "make's goals", graph: 'the spool file of its file data base; empty: none' },
  },
  T: {
    what: "the text that follows is a tool's own",
    senders: ['library/slots.c'],
    fields: { process: PROCESS, bytes: 'how much of it is' },
  },

  // ninja and samurai: hooks/ninja
  m: {
    what: 'a ninja starts',
    senders: ['library/ninja.c'],
    fields: {
      process: PROCESS,
      pid: 'its PID',
      place: PLACE,
      flags: 'as of M; then 1: it takes escape sequences out of what its edges print',
      time: TIME,
      lineage: LINEAGE,
    },
    rest: { argv: ARGV },
  },
  l: {
    what: 'ninja launches an edge',
    senders: ['library/ninja.c'],
    fields: {
      job: JOB,
      process: PROCESS,
      slot: SLOT,
      output: 'p: into a pipe that ninja reads; c: it has the console',
      time: TIME,
      cwd: CWD,
      command: 'as ninja gives it to a shell',
    },
  },
  s: {
    what: "the mark in an edge's slot: what follows is its output",
    senders: ['library/ninja.c'],
    fields: { job: JOB, stream: MARK_STREAM },
  },
  w: {
    what: 'ninja has reaped an edge',
    senders: ['library/ninja.c'],
    fields: {
      job: JOB,
      status: STATUS,
      time: TIME,
      user: USER,
      sys: SYSTEM,
      peak: PEAK,
      printed: 'how many bytes of the output ninja will print',
      first: 'the first of them, in hex',
    },
  },
  x: {
    what: 'a ninja exits',
    senders: ['library/ninja.c'],
    fields: { process: PROCESS, exit: EXIT_CODE, time: TIME, cwd: CWD },
  },
  V: {
    what: 'a static ninja is about to start',
    senders: ['library/launchers.c'],
    fields: { process: PROCESS, place: PLACE, time: TIME, cwd: CWD },
    rest: { argv: ARGV },
  },
  v: {
    what: "in a static ninja's status line: an edge has ended, and its output follows",
    senders: ['library/slots.c'],
    fields: { process: PROCESS, finished: 'how many edges have finished: $NINJA_STATUS with %f' },
  },

  // ctest: hooks/ctest
  c: {
    what: 'a ctest starts',
    senders: ['library/ctest.c'],
    fields: {
      process: PROCESS,
      pid: 'its PID',
      place: PLACE,
      flags: 'as of M; then 1: its environment says that it is to print what failed tests have printed',
      time: TIME,
      lineage: LINEAGE,
    },
    rest: { argv: ARGV },
  },
  t: {
    what: 'ctest starts a test',
    senders: ['library/ctest.c'],
    fields: { job: JOB, process: PROCESS, slot: SLOT, time: TIME, cwd: CWD },
    rest: { argv: ARGV },
  },
  u: {
    what: "the mark in a test's slot: what follows is its output",
    senders: ['library/ctest.c'],
    fields: { job: JOB, stream: MARK_STREAM },
  },
  q: {
    what: 'ctest has reaped a test',
    senders: ['library/ctest.c'],
    fields: { job: JOB, status: STATUS, time: TIME, user: USER, sys: SYSTEM, peak: PEAK },
  },
  i: {
    what: 'ctest has read the last that a test has written',
    senders: ['library/ctest.c'],
    fields: { job: JOB },
  },
  z: {
    what: 'a ctest exits',
    senders: ['library/ctest.c'],
    fields: { process: PROCESS, exit: EXIT_CODE, time: TIME },
  },

  // go: hooks/go
  o: {
    what: 'a process is about to become a go test',
    senders: ['library/launchers.c'],
    fields: { place: PLACE, pid: 'its PID', time: TIME, cwd: CWD },
    rest: { argv: ARGV },
  },

  // tup: hooks/tup
  j: {
    what: 'a process is about to become a tup',
    senders: ['library/launchers.c'],
    fields: { place: PLACE, pid: 'its PID', time: TIME, cwd: CWD },
    rest: { argv: ARGV },
  },

  // programs whose output goes into a pipe of the build itself: hooks/pipes
  f: {
    what: 'a program asks for slots in place of a pipe; it waits for the answer in <job>.reply',
    senders: ['library/pipes.c'],
    fields: {
      job: JOB,
      pid: 'its PID',
      place: PLACE,
      slots: 'the slot for its output, or `<slot>+<slot>` for its stdout and its stderr',
      kinds:
        "where its stdout and its stderr go: p: into a pipe, t: to a terminal, s: into the parent's slot, -: elsewhere",
      outPipe: 'the inode of the pipe that its stdout is; else empty',
      errPipe: 'that of its stderr',
      time: TIME,
      cwd: CWD,
    },
    rest: { argv: ARGV },
  },
  y: {
    what: 'such a program exits; it waits for the answer in <job>.ended until all of its output is in the pipe',
    senders: ['library/pipes.c'],
    fields: { job: JOB, status: EXIT_CODE, time: TIME },
  },

  k: {
    what: 'streams are to be relayed, and the build has no relay yet',
    senders: ['library/handover.c'],
    fields: {},
  },

  // cargo: hooks/cargo
  C: {
    what: 'cargo calls rustc for a crate',
    senders: ['hooks/cargo/rustc.sh'],
    fields: {
      job: `${JOB}; m.<job> is the copy of what rustc prints`,
      place: PLACE,
      pid: "cargo's PID",
      redirected: "0: cargo's stderr is the job's slot; p: it is a pipe; 1: elsewhere",
      cwd: CWD,
      packageName: 'CARGO_PKG_NAME',
      manifestDir: 'CARGO_MANIFEST_DIR',
      binName: 'CARGO_BIN_NAME',
      outDir: 'OUT_DIR',
      termColour: 'CARGO_TERM_COLOR',
      noColour: 'NO_COLOR',
      forceColour: 'CLICOLOR_FORCE',
    },
    rest: { argv: ARGV },
  },
  D: {
    what: 'such a rustc has ended',
    senders: ['hooks/cargo/rustc.sh'],
    fields: { job: JOB, status: SHELL_STATUS },
  },

  // nested loglins, and scripts of npm: hooks/nested
  N: {
    what: 'a nested loglin wants to run a command as a job; it waits for the answer in <job>.reply',
    senders: ['hooks/nested/shim.sh'],
    fields: {
      job: JOB,
      place: PLACE,
      name: 'as the user named it; empty: the command',
      flags:
        "stdout, stderr: 1: the parent's slot, p: relayed from <job>.1, <job>.2, 0: elsewhere; then p: stdout is a pipe otherwise, else -; then 2: each has a slot, <job> and <job>e",
      once: 'not empty: --once',
      task: 'of a script that a runner has started, `turbo HASH`, `nx PROJECT:TARGET`, `wireit` or `wireit service`; else empty',
      cwd: CWD,
      pid: 'its PID',
      reaper: 'the PID of the process that will report how it ends (R); empty: the shim does (Q)',
    },
    rest: { argv: ARGV },
  },
  Q: {
    what: "the command of a nested loglin has ended, as its shim reports at the end of the job's slot",
    senders: ['hooks/nested/shim.sh'],
    fields: { job: JOB, status: SHELL_STATUS },
  },
  R: {
    what: 'the same, as the capture library reports in the process that started it',
    senders: ['library/tool.c'],
    fields: { job: JOB, status: STATUS, time: TIME, user: USER, sys: SYSTEM, peak: PEAK },
  },
  K: {
    what: 'loglin link',
    senders: ['hooks/nested/shim.sh'],
    fields: { place: PLACE, name: 'what the job needs' },
  },

  // tools that report their jobs through a module inside them: hooks/parallel, hooks/scons
  a: {
    what: 'parallel starts a job',
    senders: ['hooks/parallel/LoglinParallel.pm'],
    fields: { job: JOB, place: PLACE, slot: SLOT, shown: SHOWN, time: TIME, name: 'how it is shown' },
    rest: { argv: 'the command, in one field' },
  },
  b: {
    what: 'a job of parallel takes a slot just before its output is printed',
    senders: ['hooks/parallel/LoglinParallel.pm'],
    fields: { job: JOB, slot: SLOT },
  },
  d: {
    what: 'a job of parallel has ended',
    senders: ['hooks/parallel/LoglinParallel.pm'],
    fields: { job: JOB, status: `${STATUS}; empty: not known`, time: TIME },
  },
  e: {
    what: 'SCons begins to build a target',
    senders: ['hooks/scons/site/loglin_scons.py'],
    fields: {
      job: JOB,
      place: PLACE,
      slot: SLOT,
      shown: SHOWN,
      time: TIME,
      pid: "SCons' PID",
      cwd: CWD,
      target: 'the file, absolute',
    },
    rest: { needs: 'the derived files that it needs, absolute' },
  },
  g: {
    what: "in a target's slot: one of its commands starts",
    senders: ['hooks/scons/site/loglin_scons.py'],
    fields: { job: JOB, time: TIME, echo: "SCons' own line that shows it; empty: none" },
    rest: { argv: ARGV },
  },
  h: {
    what: 'a target of SCons is built, or has failed',
    senders: ['hooks/scons/site/loglin_scons.py'],
    fields: { job: JOB, status: STATUS, time: TIME },
  },

  // programs that cannot be split: hooks/others
  U: {
    what: 'a program that the library cannot be loaded into, or that runs others out of its reach',
    senders: ['library/launchers.c'],
    fields: { program: 'its file', reason: 'static, kind, sanitizer, setuid or away (library/launchers.c)' },
  },
} as const satisfies Readonly<Record<string, KindOfRecord>>;

/** A record's letter. */
export type Kind = keyof typeof WIRE;

/** The fields of a kind of record by their names; the fields that follow are a list. */
export type Fields<K extends Kind> = Readonly<Record<keyof (typeof WIRE)[K]['fields'], string>> &
  ((typeof WIRE)[K] extends { readonly rest: infer R }
    ? Readonly<Record<keyof R, readonly string[]>>
    : unknown);

const LAYOUTS = new Map(
  Object.entries<KindOfRecord>(WIRE).map(([kind, { fields, rest }]) => [
    kind,
    { names: Object.keys(fields), rest: rest && Object.keys(rest)[0] },
  ]),
);

/** Names the fields of a record. @param values the fields as they came; missing ones become ''. */
export function fieldsOf<K extends Kind>(kind: K, values: readonly string[]): Fields<K> {
  const { names = [], rest } = LAYOUTS.get(kind) ?? {};
  const fields: Record<string, string | readonly string[]> = {};
  for (let i = 0; i < names.length; i++) fields[names[i]!] = values[i] ?? '';
  if (rest !== undefined) fields[rest] = values.slice(names.length);
  return fields as Fields<K>;
}

/** The forms in which senders write a status. */
export type StatusForm =
  /** The result of wait(): the exit status, or below 0 the signal. */
  | 'wait'
  /** `$?` of a shell: 128+n for signal n. */
  | 'shell'
  /** The argument of exit(); below 0 if it is unknown. */
  | 'exit';

/** The texts that are statuses; all others are rejected. */
const DIGITS: Readonly<Record<StatusForm, RegExp>> = {
  wait: /^-?\d{1,3}$/,
  shell: /^\d{1,3}$/,
  exit: /^\d{1,9}$/,
};

/** A status of the form `wait`. */
export function statusOf(code: number): Status;
/** A status of the form `exit`. @returns undefined if it is unknown. */
export function statusOf(text: string, form: 'exit'): { readonly exit: number } | undefined;
/** @returns undefined if the text is no status. */
export function statusOf(text: string, form?: StatusForm): Status | undefined;
export function statusOf(status: number | string, form: StatusForm = 'wait'): Status | undefined {
  if (typeof status === 'string' && !DIGITS[form].test(status)) return undefined;
  const code = Number(status);
  if (code < 0) return { signal: -code };
  return form === 'shell' && code > 128 && code < 160 ? { signal: code - 128 } : { exit: code };
}
