// What the wrapped command finds: environment, descriptors, limits, signals and arguments are as without
// loglin. With the C launcher, without it, below another loglin, and with LOGLIN=0.

import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Installed, installed, withoutLauncher } from '../rig/installed.ts';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';

/** Prints everything that a process is started with, a NUL after each item. */
const SHOW = `#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv) {
	struct rlimit r;
	struct sigaction a;
	sigset_t s;
	FILE *f = fopen(argv[1], "w");
	for (int i = 2; i < argc; i++) fprintf(f, "arg %s%c", argv[i], 0);
	for (int i = 0; environ[i]; i++)
		if (strncmp(environ[i], "LOGLIN_", 7)) fprintf(f, "env %s%c", environ[i], 0);
	for (int i = 0; i < 16; i++) {
		getrlimit(i, &r);
		fprintf(f, "limit %d %lld %lld%c", i, (long long)r.rlim_cur, (long long)r.rlim_max, 0);
	}
	sigprocmask(SIG_BLOCK, 0, &s);
	for (int i = 1; i < 65; i++) {
		if (sigaction(i, 0, &a) == 0 && a.sa_handler == SIG_IGN) fprintf(f, "ignored %d%c", i, 0);
		if (sigismember(&s, i) == 1) fprintf(f, "blocked %d%c", i, 0);
	}
	/* stdout and stderr are the recorder's; this descriptor has just been opened. */
	for (int i = 0; i < 200; i++)
		if (i != 1 && i != 2 && i != fileno(f) && fcntl(i, F_GETFD) >= 0) fprintf(f, "open %d %x%c", i, fcntl(i, F_GETFL), 0);
	fprintf(f, "umask %o%c", umask(0), 0);
	return 0;
}
`;

/** Starts a program with an environment that no shell can make. */
const WITH = `#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
int main(int argc, char **argv) {
	char *env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "TWICE=1", "TWICE=2", "a.b=dot", "BASH_FUNC_f%%=() { :;\\n}", "1=digit",
		"BYTES=\\xff\\xfe", "\\xe9=name", "EMPTY=", "NOTHING", "LINES=a\\nb\\n", "QUOTE=it's", "SHLVL=7", "_=/bin/odd", "UTF8=\\xc3\\xa4\\xe2\\x86\\x92", 0};
	struct rlimit files = {333, 0};
	sigset_t s;
	struct rlimit now;
	getrlimit(RLIMIT_NOFILE, &now);
	files.rlim_max = now.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigaddset(&s, SIGALRM);
	sigprocmask(SIG_SETMASK, &s, 0);
	umask(027);
	dup2(open("/dev/null", O_RDONLY), 9);
	dup2(open("/dev/null", O_WRONLY | O_APPEND), 57);
	close(3);
	close(4);
	if (argv[1][0] == '-') close(0);
	execve(argv[2], argv + 2, env);
	return 99;
}
`.replace('#include <unistd.h>', '#include <sys/stat.h>\n#include <unistd.h>');

const box = new Sandbox();
let bySh: Installed;
before(() => {
  bySh = installed(withoutLauncher);
  box.write('show.c', SHOW);
  box.write('with.c', WITH);
  for (const name of ['show', 'with']) {
    const made = spawnSync('cc', ['-o', box.path(name), box.path(`${name}.c`)], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
  }
});
after(() => {
  box.remove();
  bySh.remove();
});

const ARGS = ['', 'a b', "it's", '-n', 'a\nb', 'ä', '*', '\\', '$HOME', '%41'];

/** The state in which a program is started, up to its own arguments. */
const WAYS: Readonly<Record<string, () => readonly string[]>> = {
  plain: () => [],
  wrapped: () => [LOGLIN_BIN],
  'wrapped twice': () => [LOGLIN_BIN, LOGLIN_BIN, '-t', 'x'],
  'below a make': () => [LOGLIN_BIN, '--store', box.path('outer'), LOGLIN_BIN, '--store', box.path('inner')],
  'without the launcher': () => [bySh.loglin],
};

function found(way: string, stdin: '+' | '-' = '+'): string[] {
  const out = box.path(`found ${way}`);
  const words = [...WAYS[way]!(), box.path('show'), out, ...ARGS];
  const program = words[0]!;
  const ran: SpawnSyncReturns<Buffer> = spawnSync(box.path('with'), [stdin, program, ...words.slice(1)], {
    cwd: box.folder,
  });
  assert.equal(ran.status, 0, ran.stderr.toString());
  return fs.readFileSync(out, 'latin1').split('\0').slice(0, -1).sort();
}

test('the launcher changes nothing that a command is started with', () => {
  const plain = found('plain');
  assert.ok(plain.includes('env TWICE=1') && plain.includes('env TWICE=2') && plain.includes('blocked 12'));
  for (const way of ['wrapped', 'wrapped twice', 'below a make']) assert.deepEqual(found(way), plain, way);
});

test('a closed stdin stays closed', () => {
  const plain = found('plain', '-');
  assert.ok(!plain.some((line) => line.startsWith('open 0')));
  assert.deepEqual(found('wrapped', '-'), plain);
  assert.deepEqual(
    found('without the launcher', '-').filter((line) => line.startsWith('open')),
    plain.filter((line) => line.startsWith('open')),
  );
});

test('without the launcher all is as well as sh can do it: except for duplicates, entries without =, and blocked signals', () => {
  const known = /^(env (TWICE|NOTHING)|blocked )/;
  const but = (lines: string[]): string[] => lines.filter((line) => !known.test(line));
  assert.deepEqual(but(found('without the launcher')), but(found('plain')));
});

test('LOGLIN=0 changes nothing that a command is started with', () => {
  const script = `LOGLIN=0; export LOGLIN; exec "$0" "$@"`;
  const run = (...words: string[]): string[] => {
    const { stdout, status } = box.run(['bash', '-c', script, ...words, 'env', '-0'], {
      'a.b': 'dot',
      'BASH_FUNC_f%%': '() { :;\n}',
      SHLVL: '3',
    });
    assert.equal(status, 0);
    return stdout
      .split('\0')
      .filter((entry) => !entry.startsWith('_='))
      .sort();
  };
  assert.deepEqual(run(LOGLIN_BIN), run('env'));
  assert.deepEqual(run(bySh.loglin), run('env'));
});

test('arguments that are not UTF-8 reach the command', () => {
  const script = `"$0" printf '%s|' "$(printf 'a\\377b')" '' "$(printf '\\303\\244')" x`;
  for (const loglin of [LOGLIN_BIN, bySh.loglin]) {
    const { bytes } = box.run(['sh', '-c', script, loglin]);
    assert.equal(bytes.toString('latin1'), 'a\xffb||\xc3\xa4|x|\n');
  }
});

test('a forged LOGLIN_WAS is not trusted', () => {
  for (const was of ['1//64/0/0//2b464f4f3d7374616c6500/.', '/1/0/0//dev/shm/loglin.1.env', 'x', ''])
    for (const loglin of [LOGLIN_BIN, bySh.loglin]) {
      const { stdout } = box.run([loglin, 'sh', '-c', 'echo "$FOO ${LOGLIN_WAS-none}"'], {
        FOO: 'mine',
        LOGLIN_WAS: was,
      });
      assert.equal(stdout, 'mine none\n', was);
    }
});

test('the command runs without the launcher where the launcher cannot be run', () => {
  const it = installed((folder) => {
    for (const arch of fs.readdirSync(path.join(folder, 'dist/lib')))
      fs.writeFileSync(path.join(folder, 'dist/lib', arch, 'loglin-launch'), 'not a program', {
        mode: 0o755,
      });
  });
  try {
    const { stdout, status } = box.run([it.loglin, 'sh', '-c', 'echo "$FOO"'], { FOO: 'mine' });
    assert.deepEqual([stdout, status], ['mine\n', 0]);
  } finally {
    it.remove();
  }
});
