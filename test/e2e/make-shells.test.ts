import test from 'node:test';
import assert from 'node:assert/strict';
import { sameAsPlainMake, without } from '../rig/twin.ts';

test('SHELL := bash with strict .SHELLFLAGS fails where it must', async () => {
  await sameAsPlainMake(
    {
      Makefile: `SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
all: good pipe unset
good:
	@set -o | grep -E '^(errexit|nounset|pipefail)' >$@.txt; a=(1 2 3); echo "$\${#a[@]} items"
pipe:
	@false | cat
unset:
	@echo $$not_set_anywhere >$@.txt
	@echo not reached
`,
    },
    {
      args: ['-k'],
      // bash writes its message in parts: at -j4, plain make's output could have other output between them.
      parallel: [1],
      code: 2,
      jobs: {
        good: '3 items\n',
        pipe: { log: 'make: *** [Makefile:7: pipe] Error 1\n', status: 1 },
        unset: {
          log: 'bash: line 1: not_set_anywhere: unbound variable\nmake: *** [Makefile:9: unset] Error 1\n',
          status: 1,
          steps: 1,
        },
      },
    },
  );
});

test('.ONESHELL runs a recipe as one step, with its echo in the job', async () => {
  await sameAsPlainMake(
    {
      Makefile: `.ONESHELL:
all: a b
a:
	x=1
	cd /
	echo "$$x $$PWD"
b:
	@x=2
	echo $$x
	exit 3
`,
    },
    {
      args: ['-k'],
      code: 2,
      jobs: {
        a: { log: 'x=1\ncd /\necho "$x $PWD"\n1 /\n', steps: 1 },
        b: { log: '2\nmake: *** [Makefile:8: b] Error 3\n', status: 3, steps: 1 },
      },
    },
  );
});

test('a SHELL may be set for one target alone, and for its needs', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: x y
y: z
y: SHELL := /bin/bash
x y z:
	@echo "$@ $\${BASH_VERSION:+is bash}" | tee $@.txt
`,
    },
    { jobs: { x: 'x \n', y: 'y is bash\n', z: 'z is bash\n' } },
  );
});

test('SHELL := python3 works', { skip: without('python3') }, async () => {
  await sameAsPlainMake(
    {
      Makefile: `SHELL := python3
all: one two
one:
	print("from", "python"); open("one.txt", "w").write("1")
.ONESHELL:
two:
	@import sys
	for i in range(3):
	    print(i)
	sys.exit(4)
`,
    },
    {
      args: ['-k'],
      // Unbuffered, print writes each argument separately.
      env: { PYTHONUNBUFFERED: undefined },
      code: 2,
      check: (recorded) => {
        const logs = Object.fromEntries(recorded.jobs.map((job) => [job.name, recorded.log(job).toString()]));
        assert.equal(logs.one, 'print("from", "python"); open("one.txt", "w").write("1")\nfrom python\n');
        assert.match(logs.two ?? '', /^0\n1\n2\nmake: \*\*\* \[Makefile:\d+: two\] Error 4\n$/);
      },
    },
  );
});

test('$(SHELL) has make’s own value, and runs a script', async () => {
  await sameAsPlainMake(
    {
      Makefile: `$(info SHELL is $(SHELL), flags $(.SHELLFLAGS), origin $(origin SHELL))
all: ; +$(SHELL) script.sh $(SHELL) "$$SHELL"
`,
      'script.sh': 'echo "script: $0 $1"; echo "$2" >shell.txt; make -s -f other.mk\n',
      'other.mk': 'inner: ; @echo from inside\n',
    },
    {
      env: { SHELL: '/bin/somethingelse' },
      jobs: {
        all: '/bin/sh script.sh /bin/sh "$SHELL"\nscript: script.sh /bin/sh\n',
        inner: 'from inside\n',
      },
    },
  );
});

test('SHELL may be a wrapper script of the project', async () => {
  await sameAsPlainMake(
    {
      Makefile: `SHELL := ./wrap
all: a b
a b: ; @echo $@; echo $@ >$@.txt; test $@ = a
`,
      'wrap!':
        '#!/bin/sh\necho "wrapped: $*" >>calls.$$.txt\nmv calls.$$.txt "calls.$(printf %s "$*" | cksum | tr " " -)"\nexec /bin/sh "$@"\n',
    },
    {
      args: ['-k'],
      code: 2,
      jobs: { a: 'a\n', b: { log: 'b\nmake: *** [Makefile:3: b] Error 1\n', status: 1 } },
    },
  );
});

test('$(shell …) is not a job while parsing and in recipes, and its bytes are not touched', async () => {
  await sameAsPlainMake(
    {
      Makefile: `early := $(shell printf 'a  b\\tc'; echo told at once >&2)
late = $(shell echo "late: $@ $$(cat order.txt 2>/dev/null)"; exit 3)
$(info early is [$(early)], status $(.SHELLSTATUS))
all: one two
one: ; @echo '$(early)' '$(late)' >$@.txt; echo one is done
two: one ; @echo '$(late)' '$(shell echo 2nd | tee order.txt)' >$@.txt; echo two is done
$(shell echo assigned >assigned.txt)
made != echo with !=; echo and this to stderr >&2
$(info $(made) $(shell $(MAKE) -s -f sub.mk))
`,
      'sub.mk': 'sub: ; @echo from a make in a shell function; echo its stderr >&2\n',
    },
    {
      check: (recorded) => {
        assert.deepEqual(
          recorded.jobs
            .filter(({ name }) => name !== 'sub' && name !== 'make -s -f sub.mk')
            .map((job) => [job.name, recorded.log(job).toString()]),
          [
            ['one', 'one is done\n'],
            ['two', 'two is done\n'],
          ],
        );
      },
    },
  );
});

test('text read from a sub-make by x=$$($(MAKE) -s print) or through a pipe is byte for byte the same', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: captured piped filed
captured:
	@x=$$($(MAKE) -s --no-print-directory -f sub.mk print); printf '%s' "$$x" >$@.txt; echo "got $$x"
piped:
	@$(MAKE) -s --no-print-directory -f sub.mk list | sort >$@.txt; cat $@.txt
	@$(MAKE) --no-print-directory -f sub.mk list 2>&1 | wc -c
filed:
	@$(MAKE) -f sub.mk list >$@.txt 2>$@.err; tail -n 1 $@.txt; cat $@.err
`,
      'sub.mk': `print:
	@printf 'no newline at the end'
list: c a b
a b c:
	@echo $@; echo "$@ on stderr" >&2
	printf '%s\\n' more-$@
`,
    },
    { parallel: [1] },
  );
});

test('$(MAKE) … | sort at -j4 sorts the same lines, and errors on stderr are still in the log', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: one two three
one two three:
	@$(MAKE) -s --no-print-directory -f sub.mk TAG=$@ list | sort >$@.txt; echo "$@ has $$(wc -l <$@.txt)"
`,
      'sub.mk': `list: c a b
a b c: ; @echo $(TAG)-$@; echo "$(TAG)-$@ on stderr" >&2
`,
    },
    {
      check: (recorded) => {
        for (const tag of ['one', 'two', 'three']) {
          const parent = recorded.jobs.find((job) => job.name === tag);
          const [make] = recorded.jobs.filter((job) => job.parent === parent);
          const below = recorded.jobs.filter((job) => job.parent === make);
          assert.deepEqual(below.map((job) => job.name).sort(), ['a', 'b', 'c']);
          for (const job of below)
            assert.deepEqual(recorded.log(job).toString().split('\n').sort(), [
              '',
              `${tag}-${job.name}`,
              `${tag}-${job.name} on stderr`,
            ]);
        }
      },
    },
  );
});
