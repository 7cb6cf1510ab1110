import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { type Comparison, type Files, MakeProject, expectSame, sameAsPlainMake } from '../rig/twin.ts';
import { forWantOf, skipOutsideCi } from '../rig/tree.ts';

/**
 * Writes the whole environment of each place to a file, raw and sorted. Our own two variables are left out;
 * everything else must be the same.
 */
const SORTED = `cat /proc/self/environ | tr '\\0' '\\n' | grep -av '^LOGLIN_\\(BUILD\\|JOB\\)=' | LC_ALL=C sort`;
const NOTE = `note = ${SORTED}`;
const HIDE = (name: string): string =>
  `sed 's/--jobserver-auth=[0-9]*,[0-9]*/--jobserver-auth=R,W/' >${name}`;

const ENVIRONMENTS: Files = {
  Makefile: `${NOTE}
$(shell $(note) | ${HIDE('parse.txt')})
all: direct shell script sub perl wrapped cleared
direct: ; @./show-env $@.txt
shell: ; @$(note) | ${HIDE('$@.txt')}
script: ; @./script.sh
sub: ; +@$(MAKE) -s --no-print-directory -f sub.mk
perl: ; @perl -e 'system("./show-env", "perl.txt")'
wrapped: ; @env A=1 nice sh -c './show-env wrapped.txt'
cleared: ; @env -i PATH="$$PATH" sh -c './show-env cleared.txt'
export FROM_MAKEFILE := exported
`,
  'sub.mk': `${NOTE}
all: ; @$(note) | ${HIDE('sub.txt')}; ./show-env sub-direct.txt
`,
  'show-env!': `#!/bin/sh
${SORTED} | ${HIDE('"$1"')}
`,
  'script.sh!': '#!/bin/bash\n./show-env script.txt\n(exec ./show-env script2.txt)\n',
};

/** Compares the environments after a check that the files are not empty. */
async function sameEnvironment(options: Comparison & { readonly must: readonly RegExp[] }): Promise<void> {
  await sameAsPlainMake(ENVIRONMENTS, {
    ...options,
    check: (recorded) => {
      const direct = recorded.files.get('direct.txt') ?? '';
      for (const pattern of options.must) assert.match(direct, pattern);
      for (const [name, content] of recorded.files) {
        if (!name.endsWith('.txt')) continue;
        assert.ok(content.includes('PATH='), `${name} was written`);
        assert.doesNotMatch(content, /LOGLIN_(?!BUILD|JOB)|loglin-[0-9a-f]{16}/, name);
      }
    },
  });
}

test('a recipe’s environment is plain make’s, except for LOGLIN_BUILD and LOGLIN_JOB', async () => {
  await sameEnvironment({ must: [/^FROM_MAKEFILE=exported$/m, /^MAKELEVEL=1$/m] });
});

test('a recipe’s environment is the same with .EXPORT_ALL_VARIABLES', async () => {
  const project = new MakeProject({
    ...ENVIRONMENTS,
    Makefile: `.EXPORT_ALL_VARIABLES:\nPRIVATE = some $@\n${ENVIRONMENTS.Makefile?.toString() ?? ''}`,
  });
  try {
    for (const flags of [['-j1'], ['-j4'], ['-j1', '-e']]) {
      const plain = await project.plain(flags);
      const recorded = await project.loglin(flags);
      assert.equal(plain.code, 0);
      // Neither make's own variable for the list of goals and files nor ours may show.
      expectSame(recorded, plain);
      assert.match(recorded.files.get('direct.txt') ?? '', /^PRIVATE=some direct$/m);
    }
  } finally {
    project.remove();
  }
});

test('a user’s LD_PRELOAD stays as it is, and in effect', async () => {
  const project = new MakeProject({
    ...ENVIRONMENTS,
    'mine.c': `#include <stdlib.h>
__attribute__((constructor)) static void mine(void) { setenv("MINE_WAS_LOADED", getenv("LD_PRELOAD") ? "1" : "0", 1); }
`,
    'check.mk':
      'all: ; @echo "$$MINE_WAS_LOADED $$LD_PRELOAD"\n\t@sh -c \'echo "$$MINE_WAS_LOADED $$LD_PRELOAD"\'\n',
  });
  try {
    const libraries = ['mine.so', 'two.so'].map((name) => path.join(project.folder, name));
    for (const library of libraries) {
      const source = path.join(project.folder, 'mine.c');
      fs.writeFileSync(source, project.files['mine.c'] ?? '');
      assert.equal(spawnSync('cc', ['-shared', '-fPIC', '-o', library, source]).status, 0);
    }
    for (const value of [libraries[0]!, libraries.join(':'), libraries.join(' ')]) {
      const env = { LD_PRELOAD: value };
      for (const args of [['-j2']]) {
        const plain = await project.plain(args, { env });
        const recorded = await project.loglin(args, { env });
        assert.equal(plain.code, 0);
        expectSame(recorded, plain);
        assert.ok((recorded.files.get('direct.txt') ?? '').includes(`\nLD_PRELOAD=${value}\n`));
      }
      const plain = await project.plain(['-f', 'check.mk'], { env });
      const recorded = await project.loglin(['-f', 'check.mk'], { env });
      assert.match(plain.out.toString(), /^1 /);
      assert.deepEqual(recorded.raw.toString(), plain.out.toString());
      assert.equal(recorded.jobs.length, 1);
    }
  } finally {
    project.remove();
  }
});

for (const value of ['users.mk', ' users.mk  not-there.mk ', ''])
  test(`a user’s MAKEFILES=${JSON.stringify(value)} stays as it is, and in effect`, async () => {
    const project = new MakeProject({ ...ENVIRONMENTS, 'users.mk': 'export FROM_USERS := $(MAKELEVEL)\n' });
    try {
      for (const args of [['-j1'], ['-j4']]) {
        const plain = await project.plain(args, { env: { MAKEFILES: value } });
        const recorded = await project.loglin(args, { env: { MAKEFILES: value } });
        assert.equal(plain.code, 0);
        expectSame(recorded, plain);
        const direct = recorded.files.get('direct.txt') ?? '';
        assert.ok(direct.includes(`\nMAKEFILES=${value}\n`));
        if (value !== '') assert.match(direct, /^FROM_USERS=0$/m);
        assert.equal(recorded.jobs.length, 8);
      }
    } finally {
      project.remove();
    }
  });

test('exported bash functions, odd names and bytes that are not UTF-8 arrive, in the environment and in arguments', async () => {
  const before = String.raw`
greet() { echo "hello from a function
of two lines"; }
export -f greet
bytes=$(printf 'caf\351 \377\001')
exec env 'a.b=dotted' 'x-y=dashed' '%=percent' "BYTES=$bytes" $'LINES=one\ntwo\n' 'EMPTY=' "QUOTES=' \" \\ \$HOME \`x\`" "$@" "ARG=$bytes"
`;
  const files = {
    ...ENVIRONMENTS,
    'before.sh': before,
    'args.mk': `all: ; @printf '%s\\n' '$(ARG)' | od -c >arg.txt; printf '%s' "$$BYTES" | od -c >bytes.txt
	@bash -c greet
`,
  };
  const project = new MakeProject(files);
  const how = { before: 'exec bash before.sh "$@"' };
  try {
    for (const parallel of ['-j1', '-j4']) {
      const plain = await project.plain([parallel], how);
      const recorded = await project.loglin([parallel], how);
      assert.equal(plain.code, 0, plain.out.toString());
      expectSame(recorded, plain);
      const shell = recorded.files.get('direct.txt') ?? '';
      for (const part of ['QUOTES=', 'BYTES=caf\xe9 \xff\x01', 'EMPTY=\n'])
        assert.ok(shell.includes(part), part);
      // dash does not pass on names that it cannot have itself; make and bash do.
      const parse = recorded.files.get('parse.txt') ?? '';
      assert.ok(parse !== '');
    }
    const plain = await project.plain(['-f', 'args.mk'], how);
    const recorded = await project.loglin(['-f', 'args.mk'], how);
    assert.match(plain.out.toString(), /hello from a function/);
    expectSame(recorded, plain);
  } finally {
    project.remove();
  }
});

test('the very first program gets its environment unchanged, with names that no shell passes on', async () => {
  // make starts a simple line without a shell, so env itself prints the environment. It is env -0, since
  // values may have newlines.
  const project = new MakeProject({ Makefile: 'all: ; @env -0\n' });
  try {
    const how = {
      before: `exec env 'BASH_FUNC_f%%=() {  echo f
}' 'a.b=1' 'x y=2' 'caf\u00e9=3' '1=4' 'z=ends
' "$@"`,
    };
    const lines = (out: Buffer): string[] =>
      out
        .toString('latin1')
        .split('\0')
        .filter((line) => !/^LOGLIN_(BUILD|JOB)=/.test(line))
        .sort();
    const plain = await project.plain([], how);
    const recorded = await project.loglin([], how);
    assert.ok(lines(plain.out).includes('a.b=1'));
    assert.deepEqual(lines(recorded.raw), lines(plain.out));
  } finally {
    project.remove();
  }
});

test('open descriptors, limits, umask, ignored signals, SHLVL and the parent are as with plain make', async () => {
  const project = new MakeProject({
    Makefile: `all: direct shell sub script
$(shell ls -l /proc/self/fd | ./fds >parse.fds; ulimit -a >parse.limits)
direct: ; @ls /proc/self/fd
shell: ; @ls -l /proc/self/fd | ./fds >$@.fds; ulimit -a >$@.limits; ulimit -H -a >$@.hard; umask >$@.umask; grep '^Sig[BIC]' /proc/self/status >$@.signals; echo "$$SHLVL" >$@.shlvl; tr '\\0' ' ' </proc/$$PPID/cmdline >$@.parent; tr '\\0' ' ' </proc/$$$$/cmdline >$@.self; cat /proc/self/oom_score_adj >$@.oom; cut -d' ' -f19 /proc/self/stat >$@.nice
sub: ; +@$(MAKE) -s --no-print-directory -f sub.mk
script: ; @./script.sh
`,
    'sub.mk': `all: ; @ls -l /proc/self/fd | ./fds >sub.fds; echo "$$SHLVL" >sub.shlvl; tr '\\0' ' ' </proc/$$PPID/cmdline >sub.parent; grep '^Sig[BIC]' /proc/self/status >sub.signals\n`,
    'script.sh!':
      '#!/bin/bash\necho "$SHLVL" >script.shlvl; ls -l /proc/self/fd | ./fds >script.fds; ulimit -n >script.nofile\n',
    // Which descriptors are open, and their kinds. make gives its stdin to one of the jobs; which one is a
    // race.
    'fds!': `#!/bin/sh\nsed -n 's/.* \\([0-9]*\\) -> \\([^:[]*\\).*/\\1 \\2/p' | sed 's|/proc/.*|proc|; s|/dev/shm/loglin.*|pipe|; s|/tmp/loglin-twin.*/fifo.*|pipe|; s|/tmp/loglin-[0-9a-f]*/s/.*|pipe|' | sed '/^0 /d' | sort -n\n`,
  });
  const hows: Comparison[] = [
    {},
    { before: 'ulimit -n 300; umask 027; exec "$@"' },
    { before: 'ulimit -S -n 512; trap \'\' HUP QUIT USR1 PIPE; exec "$@"' },
    { before: 'exec 3>three.txt 5<Makefile 9>&1; SHLVL=7; export SHLVL; exec "$@"' },
    { before: 'ulimit -s 4000; ulimit -c 0; exec nice -n 3 "$@"' },
  ];
  try {
    for (const how of hows)
      for (const flag of ['-j1', '-j4']) {
        const plain = await project.plain([flag], how);
        const recorded = await project.loglin([flag], how);
        assert.equal(plain.code, 0, plain.out.toString());
        expectSame(recorded, plain);
        assert.ok(recorded.files.get('sub.parent'));
        assert.equal(recorded.jobs.length, 5);
      }
  } finally {
    project.remove();
  }
});

test('a make below a program that clears the environment is split, and sees nothing of it', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: cleared fake
cleared: ; @env -i "PATH=$$PATH" sh -c 'echo "in the clear: $$LD_PRELOAD$$LOGLIN_BUILD$$MAKELEVEL"; make -s -f sub.mk'
fake: ; @./fake-sudo sh -c 'make -s -f other.mk; echo "$$MAKEFLAGS$$LOGLIN_BUILD"'
`,
      'sub.mk': 'sub: ; @echo from the sub-make at level $(MAKELEVEL)\n',
      'other.mk': 'other: ; @echo from the other make at level $(MAKELEVEL)\n',
      'fake-sudo!': `#!/usr/bin/perl
# As sudo does: keeps a few variables, and starts the command without a shell.
%ENV = map { $_ => $ENV{$_} } grep { exists $ENV{$_} } qw(PATH HOME TERM);
$ENV{SUDO_USER} = "somebody";
exec @ARGV;
`,
    },
    {
      args: ['--no-print-directory'],
      jobs: {
        cleared: 'in the clear: \n',
        sub: 'from the sub-make at level 0\n',
        fake: '\n',
        other: 'from the other make at level 0\n',
      },
    },
  );
});

/** Compiles a C program for a test; undefined where the sanitizer is missing. */
function compile(folder: string, flags: readonly string[], source: string): string | undefined {
  const file = path.join(folder, 'program.c');
  fs.writeFileSync(file, source);
  const out = path.join(folder, 'program');
  const { status } = spawnSync('cc', [...flags, '-o', out, file]);
  return status === 0 ? out : undefined;
}

test('a program built with -fsanitize=address runs in a recipe, also under the names of launchers', async (t) => {
  const project = new MakeProject({
    Makefile: `NAMES := prog python make sh env ninja
all: $(NAMES) below
prog: ; @./prog $@
python make sh env ninja: ; @bin/$@ $@; sh -c 'bin/$@ again'; PATH=$$PWD/bin:$$PATH; exec bin/$@ exec
below: ; @bin/python -- sh -c 'echo a shell below; $(MAKE) -s -f sub.mk'
.PHONY: $(NAMES)
`,
    'sub.mk': 'sub: ; @bin/python sub\n',
  });
  try {
    const program = compile(
      project.folder,
      ['-fsanitize=address'],
      `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char *heap = malloc(10);
  strcpy(heap, "asan");
  printf("%s %s\\n", heap, argv[1]);
  fflush(stdout);
  if (argc > 2) execvp(argv[2], argv + 2);
  free(heap);
}
`,
    );
    if (program === undefined) {
      skipOutsideCi(t, forWantOf('sanitizers'));
      return;
    }
    const prepare = (folder: string): void => {
      fs.mkdirSync(path.join(folder, 'bin'));
      fs.copyFileSync(program, path.join(folder, 'prog'));
      for (const name of ['python', 'make', 'sh', 'env', 'ninja'])
        fs.copyFileSync(program, path.join(folder, 'bin', name));
    };
    for (const flag of ['-j1', '-j4']) {
      const plain = await project.plain([flag, '--no-print-directory'], { prepare });
      const recorded = await project.loglin([flag, '--no-print-directory'], { prepare });
      assert.equal(plain.code, 0, plain.out.toString());
      const notes = ['make', 'ninja'].map(
        (name) => `bin/${name} was built with a sanitizer, so it is one job`,
      );
      expectSame(
        { ...recorded, build: { ...recorded.build, notes: recorded.build.notes.toSorted() } },
        plain,
        {
          notes,
        },
      );
      assert.match(recorded.raw.toString(), /^asan ninja$/m);
    }
  } finally {
    project.remove();
  }
});

test('setuid-like, static and foreign programs run as they are', async (t) => {
  const project = new MakeProject({
    Makefile: `all: static text
static: ; @./sh static; ./sh -- $(MAKE) -s --no-print-directory -f sub.mk
text: ; @./make text
`,
    'sub.mk': 'sub: ; @echo sub\n',
    'make!': '#! /bin/sh -e\necho "a script called make: $*"\n',
  });
  try {
    const program = compile(
      project.folder,
      ['-static'],
      '#include <stdio.h>\n#include <unistd.h>\nint main(int c, char **v) { printf("static %s\\n", v[1]); fflush(stdout); if (c > 2) execvp(v[2], v + 2); return 0; }\n',
    );
    if (program === undefined) {
      skipOutsideCi(t, forWantOf('a static C library'));
      return;
    }
    const prepare = (folder: string): void => fs.copyFileSync(program, path.join(folder, 'sh'));
    const plain = await project.plain(['-j1'], { prepare });
    const recorded = await project.loglin(['-j1'], { prepare });
    assert.equal(plain.code, 0, plain.out.toString());
    expectSame(recorded, plain);
  } finally {
    project.remove();
  }
});

test('a recipe’s output is opened for appending where make’s own is', async () => {
  const text = `all: ; @for fd in 1 2; do flags=$$(sed -n 's/^flags:[[:space:]]*/0/p' /proc/$$$$/fdinfo/$$fd); \\
	seen="$$seen$$((flags & 02000)) $$((flags & 04000)) $$((flags & 3))/"; done; echo "$$seen" >flags.txt
`;
  await sameAsPlainMake(
    { Makefile: text },
    {
      check: ({ files }) => {
        assert.match(files.get('flags.txt') ?? '', /\d+ 0 1\/\d+ 0 1\//);
      },
    },
  );
});
