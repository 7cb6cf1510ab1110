// Small resources: a build that plain make builds ends the same under loglin, and its recipes see the same
// environment, recorded or not. The table is the one in docs/security.md.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { installed } from '../rig/installed.ts';
import { type Outcome, Sandbox } from '../rig/sandbox.ts';

const root = process.getuid?.() === 0;
/** The folder is below /var, since /tmp may be covered. */
const WHERE = root ? '/var' : os.tmpdir();
const box = new Sandbox();
/** A copy that every user may run, wherever the sources are. */
const copy = installed(undefined, 'loglin', WHERE);
after(() => {
  copy.remove();
  box.remove();
});

/** Prints a recipe's environment, without loglin's variables and the one that names the command itself. */
const MAKEFILE = `all: one two long sub
one two: ; @echo $@ says; env -0 | grep -zv -e '^LOGLIN_' -e '^_=' | sort -z | cksum >$(ENVIRONMENTS)/$@
long: ; @echo $(shell seq 1 2000) | wc -c
sub: ; @$(MAKE) --no-print-directory -f sub.mk
`;
const FILES = { Makefile: MAKEFILE, 'sub.mk': 'low: ; @echo low says; exit 0\n' };

interface Condition {
  readonly name: string;
  /** sh text that ends in `exec "$@"`. */
  readonly before: string;
  /** Whether the build is recorded; undefined where that is not checked. */
  readonly recorded?: boolean;
  /** loglin's messages. Each must be there, and no other. */
  readonly says?: RegExp;
  /** Whether it needs mount and PID namespaces of its own. */
  readonly apart?: true;
  /** Whether it needs root. */
  readonly root?: true;
}

const limit = (limits: string, more: Partial<Condition> = {}): Condition => ({
  name: `ulimit ${limits}`,
  before: `ulimit ${limits} || exit 99; exec "$@"`,
  ...more,
});

/** Puts a small tmpfs in place of each folder. */
const small = (options: string, ...folders: string[]): Condition => ({
  name: `${folders.join(', ')} of ${options}`,
  before: `${folders.map((folder) => `mount -t tmpfs -o ${options} none ${folder}`).join(' && ')} && exec "$@"`,
  apart: true,
});

/** Runs as a user that nobody else is, since processes are counted by user. */
const processes = (count: number): string =>
  `chmod -R a+rwX . && exec setpriv --reuid ${60_000 + (process.pid % 5000)} --clear-groups bash -c 'ulimit -u ${count}; exec "$@"' sh "$@"`;

const UNRECORDED = /^loglin: ulimit -\w is too small for Node; the build runs unrecorded\n$/;

const CONDITIONS: readonly Condition[] = [
  limit('-n 16', { recorded: false, says: UNRECORDED }),
  limit('-n 20', { recorded: false, says: UNRECORDED }),
  limit('-n 63', { recorded: false, says: UNRECORDED }),
  limit('-n 64', { recorded: true }),
  limit('-n 128', { recorded: true }),
  limit('-S -n 20', { recorded: true }),
  limit('-v 500000', { recorded: false, says: UNRECORDED }),
  limit('-v 1400000', { recorded: false, says: UNRECORDED }),
  limit('-v 4000000', { recorded: true }),
  limit('-d 100000', { recorded: false, says: UNRECORDED }),
  limit('-t 60', { recorded: false, says: UNRECORDED }),
  limit('-s 512', { recorded: true }),
  limit('-c 0', { recorded: true }),
  ...[4, 8, 16, 32, 64].map((blocks) =>
    limit(`-f ${blocks}`, { says: /^(loglin: .*; the build goes on, .*\n)?$/ }),
  ),
  { ...small('size=4k', '/dev/shm'), recorded: true },
  { ...small('size=64k', '/dev/shm'), recorded: true },
  { ...small('nr_inodes=80', '/dev/shm'), recorded: true },
  { ...small('nr_inodes=8', '/dev/shm'), recorded: true },
  { ...small('size=1m,ro', '/dev/shm'), recorded: true },
  { ...small('size=1m,noexec,nosuid', '/dev/shm'), recorded: true },
  { ...small('size=4k', '/dev/shm', '/tmp', '/var/tmp'), says: /^(loglin: .*\n)?$/ },
  {
    ...small('nr_inodes=6', '/dev/shm', '/tmp', '/var/tmp'),
    recorded: false,
    says: /; the build runs unrecorded\n$/,
  },
  {
    ...small('size=1m,ro', '/dev/shm', '/tmp', '/var/tmp'),
    recorded: false,
    says: /; the build runs unrecorded\n$/,
  },
  { name: '/proc of the PID namespace around', before: 'exec unshare -pf "$@"', root: true },
  { name: 'no /proc', before: 'umount -l /proc && exec "$@"', apart: true, recorded: true },
  { name: 'no HOME', before: 'unset HOME && exec "$@"', recorded: true },
  {
    name: 'TMPDIR that is not there',
    before: 'TMPDIR=/nowhere && export TMPDIR && exec "$@"',
    recorded: true,
  },
  {
    name: 'TMPDIR with blanks',
    before: 'mkdir -p "t m p" && TMPDIR="$PWD/t m p" && export TMPDIR && exec "$@"',
    recorded: true,
  },
  { name: 'umask 777', before: 'umask 777 && exec "$@"', root: true },
  { name: 'stdin closed', before: 'exec "$@" <&-', recorded: true },
  { name: 'blocked and ignored signals', before: `trap '' HUP USR1 XFSZ PIPE && exec "$@"`, recorded: true },
  { name: 'a descriptor of its own', before: 'exec 7<Makefile && exec "$@"', recorded: true },
  {
    name: 'a user with few processes',
    before: processes(60),
    root: true,
    recorded: true,
  },
  {
    name: 'a user with too few processes for Node',
    before: processes(16),
    root: true,
    recorded: false,
    says: UNRECORDED,
  },
];

interface Seen extends Outcome {
  /** A checksum of each recipe's environment. */
  readonly seen: Readonly<Record<string, string>>;
  readonly recorded: boolean;
}

const namespaces = spawnSync('unshare', ['-mpf', '--mount-proc', 'true']).status === 0;

for (const condition of CONDITIONS)
  test(
    `small resources: a build ends the same with ${condition.name}`,
    {
      skip:
        condition.root && !root
          ? 'needs root'
          : condition.apart && !namespaces
            ? 'needs namespaces of its own'
            : false,
    },
    () => {
      const run = (command: readonly string[]): Seen => {
        // The path is the same for both, since it is in the environment.
        const folder = path.join(WHERE, `loglin-resources.${process.pid}`);
        fs.mkdirSync(folder);
        try {
          fs.chmodSync(folder, 0o755);
          fs.mkdirSync(`${folder}/project/environments`, { recursive: true });
          for (const [name, text] of Object.entries(FILES))
            fs.writeFileSync(`${folder}/project/${name}`, text);
          const sh = ['sh', '-c', condition.before, 'sh', ...command, 'ENVIRONMENTS=environments', '-j2'];
          const apart = condition.apart ? ['unshare', '-mpf', '--mount-proc', ...sh] : sh;
          const outcome = box.run(apart, { TMPDIR: undefined, HOME: folder }, `${folder}/project`);
          const seen = Object.fromEntries(
            ['one', 'two'].map((name) => [name, read(`${folder}/project/environments/${name}`)]),
          );
          const builds = `${folder}/project/.loglin/builds`;
          const recorded = fs.existsSync(builds) && fs.readdirSync(builds).length > 0;
          return { ...outcome, seen, recorded };
        } finally {
          fs.rmSync(folder, { recursive: true, force: true });
        }
      };
      const plain = run(['make']);
      const wrapped = run([copy.loglin, 'make']);
      assert.notEqual(plain.status, 99, 'the condition cannot be made here');
      assert.equal(plain.status, 0, plain.stderr);
      assert.deepEqual([wrapped.status, wrapped.signal], [plain.status, plain.signal], wrapped.stderr);
      assert.deepEqual(wrapped.seen, plain.seen, 'the environment');
      const lines = (text: string): string[] =>
        text
          .split('\n')
          .filter((line) => !/^ *[▸>] /.test(line))
          .sort();
      assert.deepEqual(lines(wrapped.stdout), lines(plain.stdout), 'each line, once');
      if (condition.recorded !== undefined) assert.equal(wrapped.recorded, condition.recorded, 'recorded');
      assert.match(wrapped.stderr, condition.says ?? /^$/);
    },
  );

function read(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : '';
}

test('the memory of a job is known only where it is more than that of the tool that started it', () => {
  const tools = new Sandbox();
  try {
    tools.write(
      'Makefile',
      `BIG := $(shell head -c 100000000 /dev/zero | tr '\\0' x)
all: small large below
small: ; @mkdir -p folder
large: ; @perl -e '$$x = "x" x 300000000'
below: ; @$(MAKE) -s -f sub.mk
`,
    );
    tools.write(
      'sub.mk',
      'all: low middle\nlow: ; @mkdir -p folder\nmiddle: ; @perl -e \'$$x = "x" x 50000000\'\n',
    );
    const { status } = tools.loglin(['make', '-s']);
    assert.equal(status, 0);
    const lines = tools.loglin(['time', '--json']).stdout.trim().split('\n');
    const rss = new Map(
      lines
        .map((line) => JSON.parse(line) as { type: string; name: string; rss: number | null })
        .filter(({ type }) => type === 'job')
        .map((job) => [job.name, job.rss]),
    );
    // The make that starts these holds 100 MB or 200: its own text, and the text that it reads it from.
    assert.deepEqual([rss.get('small'), rss.get('low'), rss.get('below')], [null, null, null]);
    assert.ok(rss.get('large')! > 290_000, String(rss.get('large')));
    // The make below is small, though a large one started it.
    assert.ok(rss.get('middle')! > 48_000 && rss.get('middle')! < 200_000, String(rss.get('middle')));
    assert.ok(!tools.loglin(['time', '--trace', '-']).stdout.includes('"memory KiB":0'));
  } finally {
    tools.remove();
  }
});
