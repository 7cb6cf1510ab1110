import test from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { LOGLIN, type Recorded, sameAsPlainMake } from '../rig/twin.ts';

function logs(recorded: Recorded): Record<string, string> {
  return Object.fromEntries(recorded.jobs.map((job) => [job.name, recorded.log(job).toString()]));
}

test('a match-anything rule may hand every target to another makefile', async () => {
  await sameAsPlainMake(
    {
      Makefile: `foo: ; @echo foo is made here
%: force ; @$(MAKE) --no-print-directory -f other.mk $@
force: ;
`,
      'other.mk': `bar: baz ; @echo bar; touch $@
baz: ; @echo baz; touch $@
`,
    },
    {
      args: ['foo', 'bar'],
      check: (recorded, plain) => {
        assert.match(plain.out.toString(), /^foo is made here$/m);
        const named = logs(recorded);
        assert.equal(named.foo, 'foo is made here\n');
        assert.equal(named.baz, 'baz\n');
        assert.ok(
          recorded.jobs.some((job) => job.name === 'bar' && recorded.log(job).toString() === 'bar\n'),
        );
        assert.equal(
          recorded.jobs.filter((job) => job.name.includes('loglin')).length,
          0,
          'our own makefile is not looked up in the rules',
        );
      },
    },
  );
});

test('a match-anything rule is asked for the same targets as in plain make', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: x
x: y
%:: ; @echo "any: $@" >>asked.txt; echo "any: $@"
.DEFAULT: ; @echo default $@
`,
    },
    { parallel: [1] },
  );
});

test('an included file is remade, make executes itself anew, and its jobs are recorded', async () => {
  await sameAsPlainMake(
    {
      Makefile: `$(info restarts: [$(MAKE_RESTARTS)], lists: $(MAKEFILE_LIST))
-include config.mk deps.mk
all: prog ; @echo all with $(CONFIG) $(DEPS)
prog: ; @echo prog; echo $(MAKE_RESTARTS) >$@
config.mk: ; @echo making $@; echo 'CONFIG = configured' >$@
deps.mk: config.mk
	@echo making $@ with $(CONFIG)
	echo 'DEPS = $(CONFIG)' >$@
`,
    },
    {
      jobs: {
        'config.mk': 'making config.mk\n',
        'deps.mk': {
          log: "making deps.mk with\necho 'DEPS = ' >deps.mk\n",
          steps: 2,
        },
        prog: 'prog\n',
        all: 'all with configured\n',
      },
    },
  );
});

test('a makefile may be remade again and again until it is complete', async () => {
  await sameAsPlainMake(
    {
      Makefile: `include count.mk
all: ; @echo counted to $(words $(COUNT)) in $(MAKE_RESTARTS); $(MAKE) --no-print-directory -f sub.mk
count.mk: $(if $(filter 4,$(words $(COUNT))),,force) ; @echo one more; echo 'COUNT += x' >>$@
force:
`,
      'count.mk': '',
      'sub.mk': 'sub: ; @echo sub\n',
    },
    {
      check: (recorded) => {
        assert.equal(recorded.jobs.filter((job) => job.name === 'count.mk').length, 4);
        assert.equal(recorded.build.instances.length, 2, 'executing itself anew is the same make');
      },
    },
  );
});

test('$(firstword $(MAKEFILE_LIST)), $(lastword …) and what is built on them have plain make’s values', async () => {
  const files = {
    Makefile: `SELF := $(firstword $(MAKEFILE_LIST))
HERE := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
include sub/inc.mk
$(info list [$(MAKEFILE_LIST)] self [$(SELF)] here [$(HERE)] origin $(origin MAKEFILE_LIST) $(origin MAKEFILES) [$(MAKEFILES)])
all: one ; @$(MAKE) --no-print-directory -f Makefile two
one two: ; @echo '$@' '[$(MAKEFILE_LIST)]' $(INC)
`,
    'sub/inc.mk': 'INC := $(lastword $(MAKEFILE_LIST))\n',
    'users.mk': '$(info users: $(MAKEFILE_LIST))\nfrom-users: ; @echo never the default\n',
  };
  const normalize = (line: string): string => line.replace(/ (environment|default|undefined) \[.*\]$/, '');
  await sameAsPlainMake(files, { normalize });
  await sameAsPlainMake(files, { normalize, env: { MAKEFILES: 'users.mk' } });
});

const ODD_NAMES: readonly [string, string][] = [
  // The name as a makefile writes it, and the name that it stands for.
  ['with\\ a\\ blank', 'with a blank'],
  ["it's", "it's"],
  ['dou"ble', 'dou"ble'],
  ['do$$llar', 'do$llar'],
  ['ar$$(member)', 'ar$(member)'],
  ['hash\\#tag', 'hash#tag'],
  ['100\\%', '100%'],
  ['e$(EQ)qual', 'e=qual'],
  ['grüße-日本-🦀', 'grüße-日本-🦀'],
  ['back\\slash', 'back\\slash'],
  ['a&b', 'a&b'],
  ['[x]', '[x]'],
  ['(p)', '(p)'],
  ['~tilde', '~tilde'],
  ['-dash', '-dash'],
  ['.dot', '.dot'],
  ['co\\:lon', 'co:lon'],
  ['@at', '@at'],
  ['a,b', 'a,b'],
  ['x<y>z', 'x<y>z'],
  ['`tick`', '`tick`'],
];

for (const [written, name] of ODD_NAMES) {
  test(`a target may be named ${JSON.stringify(name)}`, async () => {
    await sameAsPlainMake(
      {
        Makefile: `EQ := =
all: ${written.replace('\\%', '%')} other
${written}: other
	@echo making it
	test -f ok
other: ; @echo other
`,
        ok: '',
      },
      { jobs: { [name]: 'making it\ntest -f ok\n', other: 'other\n' } },
    );
    await sameAsPlainMake(
      {
        Makefile: `EQ := =\nall: ${written.replace('\\%', '%')}\n${written}:\n\t@echo fails\n\t@exit 3\n`,
      },
      {
        code: 2,
        check: (recorded, plain) => {
          assert.deepEqual(
            recorded.jobs.map((job) => [job.name, job.status, recorded.log(job).toString()]),
            [[name, { exit: 3 }, plain.out.toString()]],
          );
        },
      },
    );
  });
}

test('goals on the command line may have names that no makefile can spell', async () => {
  const goals = ['semi;colon', 'semi%colon', "semi 'q' $HOME;#", 'semi$(x)'];
  await sameAsPlainMake(
    {
      Makefile: 'semi%: ; @echo made it\n',
    },
    { args: goals, jobs: Object.fromEntries(goals.map((goal) => [goal, 'made it\n'])) },
  );
});

test('names may have bytes that are not UTF-8', async () => {
  const name = Buffer.from([0x61, 0xe9, 0x62]);
  const makefile = Buffer.concat([
    Buffer.from('all: '),
    name,
    Buffer.from(' ok\nok: ; @echo ok\n'),
    name,
    Buffer.from(": ; @echo 'making $@'; touch '$@'; echo '$@' >list.txt\n"),
  ]);
  await sameAsPlainMake(
    { Makefile: makefile },
    { check: (recorded) => assert.equal(recorded.jobs.length, 2) },
  );
});

test('a link may have 10,000 prerequisites', async () => {
  const objects = Array.from({ length: 10_000 }, (_, i) => `objects/of/some/module/object-number-${i}.o`);
  await sameAsPlainMake(
    {
      Makefile: `OBJECTS := $(shell cat list)
prog: $(OBJECTS) late | order ; @echo linking $(words $^); echo $(words $?) >$@
late order: ; @echo $@
$(OBJECTS): ;
`,
      list: objects.join('\n'),
    },
    {
      parallel: [4],
      check: (recorded) => {
        assert.deepEqual(logs(recorded), { prog: 'linking 10001\n', late: 'late\n', order: 'order\n' });
        const prog = recorded.jobs.find((job) => job.name === 'prog');
        assert.equal(prog?.needs?.split(' ').length, 10_003);
      },
    },
  );
});

test('double-colon rules are a job each', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: log
log:: one ; @echo first rule; echo 1 >>$@
log:: two
	@echo second rule
	@echo second rule goes on
log:: ; @echo third rule
one two: ; @echo $@
`,
    },
    {
      check: (recorded) => {
        const found = recorded.jobs
          .filter((job) => job.target === 'log')
          .map((job) => recorded.log(job).toString())
          .sort();
        assert.deepEqual(found, ['first rule\n', 'second rule\nsecond rule goes on\n', 'third rule\n']);
      },
    },
  );
});

test('double-colon rules with the same needs are a job each, at any -j', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: d log
d :: ; @echo ok
d :: d ; @echo oops
log ::
	@echo first rule
	echo first rule goes on
log ::
	@echo second rule
	-@exit 3
	@echo second rule goes on
`,
    },
    {
      check: (recorded) => {
        // make launches them one after the other, whatever runs beside them, so they come in the makefile's
        // order.
        const rulesOf = (name: string): unknown =>
          recorded.jobs
            .filter((job) => job.target === name)
            .map((job) => [recorded.log(job).toString(), job.steps.length]);
        assert.deepEqual(rulesOf('d'), [
          ['ok\n', 1],
          ['oops\n', 1],
        ]);
        assert.deepEqual(rulesOf('log'), [
          ['first rule\necho first rule goes on\nfirst rule goes on\n', 2],
          ['second rule\nmake: [Makefile:9: log] Error 3 (ignored)\nsecond rule goes on\n', 3],
        ]);
      },
    },
  );
});

test('grouped targets &: and patterns with several targets run once', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: one.h sub/use.txt x.tab.c x.tab.h
one.c one.h &: grammar ; @echo both; touch one.c one.h
%.tab.c %.tab.h: %.y ; @echo bison $<; touch $*.tab.c $*.tab.h
sub/use.txt: one.c one.h x.tab.h | sub ; @echo use $^; touch $@
sub: ; @mkdir $@
grammar x.y: ; @echo source $@; touch $@
`,
    },
    {
      check: (recorded) => {
        const said = Object.values(logs(recorded)).sort();
        assert.deepEqual(said, [
          '',
          'bison x.y\n',
          'both\n',
          'source grammar\n',
          'source x.y\n',
          'use one.c one.h x.tab.h\n',
        ]);
      },
    },
  );
});

test('vpath, intermediate files that make deletes, archives and secondary expansion work as in plain make', async () => {
  await sameAsPlainMake(
    {
      Makefile: `vpath %.in src
.SECONDEXPANSION:
all: a.out b.out lib.a(m.o)
%.mid: %.in ; @echo mid $<; cp $< $@
%.out: %.mid $$(subst a,extra,$$(filter a,$$*)) ; @echo out $^; cp $< $@
extra: ; @echo $@
(%): % ; @echo archiving $% into $@; ar cr $@ $%
m.o: ; @echo object; echo >$@
`,
      'src/a.in': 'a\n',
      'src/b.in': 'b\n',
    },
    {
      ignoreFiles: /\.a$/,
      check: (recorded) => assert.equal(logs(recorded)['lib.a(m.o)'], 'archiving m.o into lib.a\n'),
    },
  );
  // make lists them without the archive.
  await sameAsPlainMake(
    {
      Makefile: `all: z lib.a(m.o n.o) y ; @echo $@: $^
z y m.o n.o: ; @echo $@; echo >$@
(%): % ; @echo archiving $% into $@; ar cr $@ $%
`,
    },
    {
      parallel: [1],
      ignoreFiles: /\.a$/,
      check: (recorded, plain) => assert.equal(recorded.raw.toString(), plain.out.toString()),
    },
  );
});

test('target-specific, pattern-specific and exported variables, define and eval work as in plain make', async () => {
  await sameAsPlainMake(
    {
      Makefile: `define rule
$(1): $(2) ; @echo "$(1): $$(V) $$$$V $$(W)"
endef
export V = global
$(foreach t,a b c,$(eval $(call rule,$(t),$(if $(filter c,$(t)),a b))))
a: V = of a
b: export W = of b
%: W = pattern
all: a b c
.DEFAULT_GOAL := all
`,
    },
    { jobs: { a: 'a: of a of a pattern\n', b: 'b: global global of b\n', c: 'c: global global pattern\n' } },
  );
});

test('a recipe may have continuation lines and several steps, loud and silent', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: a b
a:
	for i in 1 2 3; do \\
	  echo "round $$i"; \\
	done; \\
	test -d .
	@echo silent \\
	      and long
	echo 'a quoted \\
	line'
	   echo    many     blanks   # a comment for the shell
	# only a comment
	@:
	if true; then echo yes;	else \\
	echo no; fi
b: ; @echo one \\
  two
	echo $$(printf 'a\\nb\\n' | \\
	wc -l)
`,
    },
    {
      check: (recorded) => {
        assert.equal(
          recorded.raw.toString(),
          [logs(recorded).a, logs(recorded).b].join(''),
          'each job in one piece',
        );
        const steps = recorded.jobs.map((job) => [job.name, job.steps.length]);
        assert.deepEqual(Object.fromEntries(steps), { a: 6, b: 2 });
      },
    },
  );
});

test('a recipe may change a makefile’s own folder, with a compiler wrapper on the PATH', async () => {
  const prepare = (folder: string): void => {
    fs.mkdirSync(path.join(folder, 'bin'));
    fs.symlinkSync('../wrapper', path.join(folder, 'bin/cc'));
    fs.symlinkSync('../wrapper', path.join(folder, 'bin/mycc'));
  };
  await sameAsPlainMake(
    {
      Makefile: `export PATH := $(CURDIR)/bin:$(PATH)
all: a.o b.o c.o
a.o: ; cc -c a.c -o $@
b.o: ; ./wrapper mycc -c b.c -o $@
c.o: ; @ccache_like=1 cc -c c.c -o $@ && cat $@
`,
      'wrapper!': `#!/bin/sh
# Does what ccache does: looks at its own name and runs the true compiler, here cp.
case $0 in *wrapper) shift ;; esac
echo "wrapped $0 $*" | sed "s|$PWD/||" >&2
exec sh -c 'cp "$1" "$3"; echo "args: $#"' compiler "$2" x "$4"
`,
      'a.c': 'a\n',
      'b.c': 'b\n',
      'c.c': 'c\n',
    },
    { prepare },
  );
});

test('the second build makes only what is new, and its record has no more', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: a b
a: in ; @echo a; cp in a
b: ; @echo b; touch b
in: ;
.PHONY: all
`,
      in: 'x',
      b: '',
    },
    {
      jobs: { a: 'a\n' },
      check: async (_recorded, _plain, project) => {
        const store = path.join(project.folder, 'second');
        const { code, out } = await project.run([LOGLIN, '--store', store, 'make']);
        assert.equal(code, 0);
        assert.equal(out.toString(), "make: Nothing to be done for 'all'.\n");
      },
    },
  );
});
