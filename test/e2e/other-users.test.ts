// Another user of the same machine, who knows loglin: the files that he leaves in the temp folders are
// neither trusted, nor waited for, nor removed in his place, and he can read nothing. There are two real
// users, in mount and PID namespaces of their own, so that the process numbers are known.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});

const MALLORY = 65_533;
const ALICE = 65_532;
const as = (user: number): string => `setpriv --reuid ${user} --regid ${user} --clear-groups`;

/**
 * The files that earlier versions trusted, and that this one looks at: files, FIFOs, folders and links for
 * any process number to come.
 */
const PLANT = `
for folder in /dev/shm /tmp; do
  i=1; while [ $i -lt 600 ]; do
    if [ $((i % 2)) = 0 ]; then mkfifo -m 666 $folder/loglin.$i.env
    else printf 'PATH=/evil\\0FOO=stale\\0' >$folder/loglin.$i.env && chmod 666 $folder/loglin.$i.env
    fi
    i=$((i + 1))
  done
  mkdir -m 777 $folder/loglin-0123456789abcdef && mkfifo -m 666 $folder/loglin-0123456789abcdef/pid $folder/loglin-0123456789abcdef/ctl
  ln -s "$1" $folder/loglin-aaaaaaaaaaaaaaaa
  echo 1 >$folder/loglin-bbbbbbbbbbbbbbbb
done
`;

/** The next process numbers are those that files were planted for. */
const COMMAND = `FOO=mine exec timeout 60 "$1" --store "$2" sh -c 'echo "$PATH $FOO"; ls -ld "$LOGLIN_BUILD"; ls -lL /dev/shm/loglin-*/pid >&2; exit 7'`;

function protections(): string[] {
  return ['fifos', 'regular', 'symlinks'].map((name) => `/proc/sys/fs/protected_${name}`);
}

const root = process.getuid?.() === 0;
const namespaces = root && spawnSync('unshare', ['-mpf', '--mount-proc', 'true']).status === 0;

for (const level of ['0', '1'])
  for (const [name, victim] of [
    ['root', undefined],
    ['another user', ALICE],
  ] as const)
    test(
      `another user's files in the temp folders have no effect, for ${name}, fs.protected_* at ${level}`,
      { skip: namespaces ? false : 'needs root, and namespaces of its own' },
      (t) => {
        const before = protections().map((file) => fs.readFileSync(file, 'latin1'));
        try {
          for (const file of protections()) fs.writeFileSync(file, level);
        } catch {
          t.skip('fs.protected_* cannot be set here');
          return;
        }
        try {
          const mine = box.write(`mine-${level}-${name}/pid`, '999999\n');
          const store = box.path(`store-${level}-${name}`);
          fs.chmodSync(box.folder, 0o777);
          const script = `
            mount -t tmpfs -o mode=1777 none /dev/shm && mount -t tmpfs -o mode=1777 none /tmp || exit 99
            ${as(MALLORY)} sh -c "$3" sh "$4" || exit 98
            ${victim === undefined ? '' : as(victim)} sh -c "$5" sh "$1" "$2"
            status=$?
            [ -p /dev/shm/loglin-0123456789abcdef/pid ] && [ -h /dev/shm/loglin-aaaaaaaaaaaaaaaa ] && [ -f /tmp/loglin-bbbbbbbbbbbbbbbb ] || exit 97
            find /dev/shm /tmp -mindepth 1 -user ${victim ?? 0} -perm /077 | grep . && exit 96
            exit $status`;
          // /tmp is covered, so what is needed of it stands elsewhere.
          const place = fs.mkdtempSync('/var/loglin-users.');
          fs.chmodSync(place, 0o777);
          try {
            fs.cpSync(path.join(LOGLIN_BIN, '../..', 'bin'), `${place}/bin`, { recursive: true });
            fs.cpSync(path.join(LOGLIN_BIN, '../..', 'dist'), `${place}/dist`, { recursive: true });
            fs.mkdirSync(`${place}/mine`);
            fs.writeFileSync(`${place}/mine/pid`, '999999\n');
            const { status, stdout, stderr } = box.run(
              [
                'unshare',
                '-mpf',
                '--mount-proc',
                'sh',
                '-c',
                script,
                'sh',
                `${place}/bin/loglin`,
                `${place}/store`,
                PLANT,
                `${place}/mine`,
                COMMAND,
              ],
              { PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`, TMPDIR: undefined },
              place,
            );
            assert.equal(status, 7, `${stderr}${stdout}`);
            const [first = '', second = ''] = stdout.split('\n');
            assert.equal(first, `${path.dirname(process.execPath)}:/usr/bin:/bin mine`);
            assert.match(
              second,
              new RegExp(`^drwx------ .* (${victim ?? 'root'}|\\d+) .* /dev/shm/loglin-[0-9a-f]{16}$`),
            );
            assert.ok(fs.existsSync(`${place}/mine/pid`), 'what his link led to is still there');
            assert.ok(fs.existsSync(mine) && !fs.existsSync(store));
          } finally {
            fs.rmSync(place, { recursive: true, force: true });
          }
        } finally {
          protections().forEach((file, i) => {
            fs.writeFileSync(file, before[i]!);
          });
        }
      },
    );
