// ninja split from inside: each edge is a job with its own output, and ninja itself is as without loglin.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  type Comparison,
  type Files,
  LOGLIN,
  MakeProject,
  type Recorded,
  sameAsPlainMake,
  without,
} from '../rig/twin.ts';

const skip = without('ninja');

/** A status line's counters depend on which edge was ready first. */
const counters = (line: string): string => line.replace(/^\[\d+\/\d+\] /, '');

async function sameAsPlainNinja(files: Files, options: Comparison = {}): Promise<void> {
  await sameAsPlainMake(files, {
    command: 'ninja',
    normalize: counters,
    ignoreFiles: /(?:^|\/)\.ninja_(?:log|deps)$/,
    ...options,
  });
}

function statuses(recorded: Recorded): Record<string, unknown> {
  return Object.fromEntries(recorded.jobs.map((job) => [job.name, job.status]));
}

const UTF8 = { env: { LC_ALL: 'C.UTF-8' } };

/** The output of a plain show, the same at each -j. */
async function shows(files: Files, text: string, args: readonly string[] = []): Promise<void> {
  const project = new MakeProject(files);
  try {
    for (const parallel of [1, 4, 16]) {
      const recorded = await project.loglin([`-j${parallel}`, ...args], { command: 'ninja' });
      const shown = await project.run([LOGLIN, 'show', '--store', recorded.store], UTF8);
      assert.equal(shown.out.toString(), text, `-j${parallel}`);
    }
  } finally {
    project.remove();
  }
}

const LIBS = `rule say
  command = echo $text && touch $out
  description = SAY $out
build gen.h: say
  text = generating gen.h
build main.o: say | gen.h
  text = compiling main.o
build liba: say || gen.h
  text = building liba
build libb: say || gen.h
  text = building libb
build prog: say liba libb main.o
  text = linking prog
build libs: phony liba libb
build all: phony libs prog
default all
`;

test('edges come in the order of needs, whatever ran first', { skip }, async () => {
  await shows(
    { 'build.ninja': LIBS },
    `▸ liba
  ▸ gen.h
SAY gen.h
generating gen.h
▸ liba (resumed)
SAY liba
building liba
▸ libb
SAY libb
building libb
▸ prog
  ▸ main.o
SAY main.o
compiling main.o
▸ prog (resumed)
SAY prog
linking prog
`,
  );
});

/** A manifest of edges without needs, each with its command. */
function manifestOf(edges: Readonly<Record<string, string>>): string {
  return Object.entries(edges)
    .map(([name, command], i) => `rule r${i}\n  command = ${command}\nbuild ${name}: r${i}\n`)
    .join('');
}

test('edges of every kind have the same files, status and lines', { skip }, async () => {
  const edges = {
    silent: 'touch $out',
    errors: 'echo out; echo error >&2; touch $out',
    'many-lines': 'seq 1 20000; touch $out',
    'looks-like-status': "echo '[1/2] touch it'; touch $out",
    repeats: 'echo SAY repeats; echo SAY repeats; touch $out',
    stdin: 'cat; touch $out',
    environment: "env | grep -v '^_=' | sort > $out",
    descriptors: 'ls /proc/self/fd > $out; ulimit -n >> $out',
    $$dollar: "echo '$$' $out; touch $out",
    'with$ space': 'echo $out; touch $out',
    'sub/folder/file': 'echo $out; touch $out',
    late: '(sleep 0.1; echo late) & echo early; touch $out',
  };
  const variables = (content = ''): string[] =>
    content.split('\n').filter((line) => !/LOGLIN_(?:BUILD|JOB)=/.test(line));
  await sameAsPlainNinja(
    { 'build.ninja': manifestOf(edges) },
    {
      ignoreFiles: /^(?:\.ninja_.*|environment)$/,
      check: (recorded, plain) => {
        assert.deepEqual(
          variables(recorded.files.get('environment')),
          variables(plain.files.get('environment')),
        );
        assert.equal(recorded.jobs.length, Object.keys(edges).length);
        assert.equal(
          recorded.log(recorded.build.jobs[0]!).toString(),
          '',
          "nothing is left in ninja's own log",
        );
      },
    },
  );
});

test(
  'output that ninja prints differently is in the log once, as the edge wrote it, with the colours that ninja prints',
  { skip },
  async () => {
    const edges = {
      'no-newline': "printf 'no newline'; touch $out",
      'no-newline-2': "printf 'none here'; touch $out",
      colours: "printf '\\033[31mred\\033[0m plain\\n'; touch $out",
      'half-escape': "printf 'end \\033'; touch $out",
      binary: "printf 'a\\000b\\377\\n'; touch $out",
    };
    const project = new MakeProject({ 'build.ninja': manifestOf(edges) });
    try {
      for (const env of [{}, { CLICOLOR_FORCE: '1' }, { CLICOLOR_FORCE: '0' }])
        for (const parallel of ['-j1', '-j4']) {
          const recorded = await project.loglin([parallel], { command: 'ninja', env });
          assert.equal(recorded.code, 0);
          const own = (name: string): string => {
            const job = recorded.jobs.find((one) => one.name === name)!;
            return recorded.log(job).toString('latin1').replace(/^.*\n/, '');
          };
          assert.equal(own('no-newline'), 'no newline');
          assert.equal(own('no-newline-2'), 'none here');
          // Characters that ninja removes from its output are not in the record either.
          const kept = 'CLICOLOR_FORCE' in env && env.CLICOLOR_FORCE === '1';
          assert.equal(own('colours'), kept ? '\x1b[31mred\x1b[0m plain\n' : 'red plain\n');
          assert.equal(own('half-escape'), kept ? 'end \x1b' : 'end ');
          assert.equal(own('binary'), 'a\0b\xff\n');
          assert.equal(
            recorded.log(recorded.build.jobs[0]!).toString(),
            '',
            "nothing is left in ninja's own log",
          );
        }
    } finally {
      project.remove();
    }
  },
);

test('edges that fail have their status, command and output in their own logs', { skip }, async () => {
  await sameAsPlainNinja(
    {
      'build.ninja': `${manifestOf({
        good: 'echo fine; touch $out',
        bad: 'echo oops; exit 3',
        mute: 'exit 4',
        crash: 'echo half > $out; kill -SEGV $$$$',
      })}rule c
  command = echo told; false
  description = CHECK $out
build checked: c
build after: phony bad
`,
    },
    {
      args: ['-k0'],
      code: 'any',
      check: (recorded) => {
        assert.deepEqual(statuses(recorded), {
          good: { exit: 0 },
          bad: { exit: 3 },
          mute: { exit: 4 },
          crash: { signal: 11 },
          checked: { exit: 1 },
        });
        const log = (name: string): string =>
          recorded.log(recorded.jobs.find((job) => job.name === name)!).toString();
        assert.match(
          log('checked'),
          /^CHECK checked\ntold\nFAILED: (?:\[code=1\] )?checked \necho told; false\n$/,
        );
        assert.match(log('mute'), /^exit 4\nFAILED: (?:\[code=4\] )?mute \nexit 4\n$/);
        assert.match(recorded.out.toString(), /x crash \(SIGSEGV\)/);
      },
    },
  );
});

test('the first failure stops the build: the report comes last, and names the edge', { skip }, async () => {
  const project = new MakeProject({ 'build.ninja': manifestOf({ bad: 'echo oops; exit 3' }) });
  try {
    const recorded = await project.loglin([], { command: 'ninja' });
    assert.notEqual(recorded.code, 0);
    assert.match(
      recorded.out.toString(),
      /ninja: build stopped: subcommand failed\.\n[^]*x bad \(exit 3\)\n[^]*loglin show bad\n$/,
    );
  } finally {
    project.remove();
  }
});

test(
  'an edge of the console pool has the output to itself, and the edges beside it wait for it',
  { skip },
  async () => {
    await sameAsPlainNinja(
      {
        'build.ninja': `rule con
  command = echo console says; for i in 1 2 3; do test -e beside && break; sleep 0.1; done; touch $out
  description = CONSOLE $out
  pool = console
rule say
  command = echo $out says; touch $out
  description = SAY $out
rule fail
  command = echo $out fails; exit 1
  description = FAIL $out
build con: con
build beside: say
build beside2: say
build wrong: fail
build all: phony con beside beside2 wrong
`,
      },
      { args: ['-k0'], code: 'any', check: (recorded) => assert.equal(recorded.jobs.length, 4) },
    );
  },
);

test('restat, response files, dyndep and several outputs work as in plain ninja', { skip }, async () => {
  await sameAsPlainNinja(
    {
      'build.ninja': `rule touchy
  command = test -e $out || touch $out; echo restat $out
  restat = 1
rule rsp
  command = cat $out.rsp; echo; cp $out.rsp $out
  rspfile = $out.rsp
  rspfile_content = $in
rule dd
  command = echo 'ninja_dyndep_version = 1' > $out; echo 'build user | extra: dyndep | made' >> $out
rule make
  command = echo making $out; touch $out
rule use
  command = echo using made; touch user extra
rule two
  command = echo two; touch one two
build kept: touchy
build from-kept: make kept
build list: rsp one from-kept
build one | two: two
build dd: dd
build made: make
build user: use || dd
  dyndep = dd
build again: make user two
`,
    },
    {
      check: async (recorded, _, project) => {
        assert.deepEqual(recorded.jobs.map((job) => job.name).sort(), [
          'again',
          'dd',
          'from-kept',
          'kept',
          'list',
          'made',
          'one',
          'user',
        ]);
        const shown = await project.run([LOGLIN, 'show', '--store', recorded.store, 'again'], UTF8);
        assert.deepEqual(
          shown.out
            .toString()
            .split('\n')
            .filter((line) => line.includes('▸')),
          [
            '▸ again',
            '  ▸ user',
            '    ▸ dd',
            '    ▸ made',
            '  ▸ user (resumed)',
            '  ▸ one',
            '▸ again (resumed)',
          ],
          'what a dyndep file adds is a need, and so is what a second output belongs to',
        );
      },
    },
  );
});

test('a manifest may be made anew in the same run', { skip }, async () => {
  await sameAsPlainNinja(
    {
      'build.ninja': `rule again
  command = echo generating; cp new.ninja build.ninja
  generator = 1
build build.ninja: again new.ninja
`,
      'new.ninja': `rule again
  command = echo generating; cp new.ninja build.ninja
  generator = 1
build build.ninja: again new.ninja
rule say
  command = echo $out; touch $out
build only-now: say
default only-now
`,
    },
    {
      // new.ninja is younger than the manifest.
      prepare: (folder) => {
        fs.utimesSync(path.join(folder, 'new.ninja'), 1_600_000_000, 1_600_000_000);
      },
      check: (recorded) => {
        assert.deepEqual(recorded.jobs.map((job) => job.name).sort(), ['build.ninja', 'only-now']);
      },
    },
  );
});

test('ninja -n, -t and --version are the same, and leave no record', { skip }, async () => {
  const project = new MakeProject({ 'build.ninja': LIBS });
  try {
    const store = `${project.folder}/store`;
    for (const args of [['-n'], ['-t', 'targets'], ['--version']]) {
      const plain = await project.plain(args, { command: 'ninja' });
      const wrapped = await project.plain(['--store', store, 'ninja', ...args], { command: LOGLIN });
      assert.deepEqual(
        [wrapped.code, wrapped.out.toString(), [...wrapped.files.keys()]],
        [plain.code, plain.out.toString(), [...plain.files.keys()]],
        args.join(' '),
      );
      assert.equal(fs.existsSync(store), false);
    }
  } finally {
    project.remove();
  }
});

test('ninja -v, --quiet, -C and a build with nothing to do are the same', { skip }, async () => {
  const files = { 'build.ninja': LIBS, 'sub/build.ninja': LIBS };
  for (const args of [['-v'], ['--quiet'], ['-C', 'sub'], ['no-such']]) {
    const dry = args[0] === 'no-such';
    await sameAsPlainNinja(files, {
      args,
      code: args[0] === 'no-such' ? 1 : 0,
      parallel: [2],
      check: (recorded) => {
        assert.equal(recorded.jobs.length, dry ? 0 : 5, args.join(' '));
        if (args[0] === '-C') assert.ok(recorded.jobs.every((job) => job.name.startsWith('sub/')));
      },
    });
  }
});

test("ninja's explanations are kept with the job", { skip }, async () => {
  const project = new MakeProject({ 'build.ninja': LIBS });
  try {
    const recorded = await project.loglin(['-d', 'explain'], { command: 'ninja' });
    const whys = Object.fromEntries(recorded.jobs.map((job) => [job.name, job.why.words ?? '']));
    assert.match(whys['gen.h'] ?? '', /output gen\.h (?:doesn't exist|is missing)/);
    assert.match(recorded.raw.toString(), /ninja explain: /);
  } finally {
    project.remove();
  }
});

test('plain ninja has nothing to do afterwards, and the other way round', { skip }, async () => {
  const project = new MakeProject({ 'build.ninja': LIBS });
  try {
    const first = await project.loglin([], { command: 'ninja' });
    assert.equal(first.jobs.length, 5);
    assert.match((await project.run(['ninja'])).out.toString(), /^ninja: no work to do\.\n$/);
    await project.plain([], { command: 'ninja' });
    const again = await project.run([LOGLIN, '--store', `${project.folder}/again`, 'ninja']);
    assert.equal(again.out.toString(), 'ninja: no work to do.\n');
  } finally {
    project.remove();
  }
});

test('the jobs of a make or loglin below an edge stand where they were launched', { skip }, async () => {
  const files = {
    Makefile: 'all: one two\none two:\n\t@echo making $@\n',
    'build.ninja': `rule sub
  command = echo before; make -j2; echo after; touch $out
  description = SUB $out
rule nested
  command = echo first; ${LOGLIN} -t inner sh -c 'echo within; echo error >&2'; echo last; touch $out
  description = NESTED $out
build sub: sub
build nested: nested
`,
  };
  await shows(
    files,
    `▸ sub
SUB sub
before
  ▸ one
making one
  ▸ two
making two
▸ sub (resumed)
after
▸ nested
NESTED nested
first
  ▸ inner
within
error
▸ nested (resumed)
last
`,
    ['sub', 'nested'],
  );
  await sameAsPlainNinja(
    { 'build.ninja': files['build.ninja'], Makefile: files.Makefile },
    { args: ['sub'] },
  );
});

test(
  'a ninja whose output goes elsewhere is not touched, and one behind a pipe is split',
  { skip },
  async () => {
    await sameAsPlainMake(
      {
        'build.ninja': LIBS,
        Makefile:
          'all:\n\t@ninja -j1 > out.txt; ninja -t clean | sort\n\t@x=$$(ninja -j1 prog); echo "$$x" > var.txt\n',
      },
      {
        ignoreFiles: /^\.ninja_(?:log|deps)$/,
        check: (recorded) => {
          // Five into the file; two ninjas into pipes.
          assert.equal(recorded.jobs.filter((job) => job.redirected).length, 7);
        },
      },
    );
  },
);

test('a broken manifest and a missing one fail as in ninja alone', { skip }, async () => {
  await sameAsPlainNinja({ 'build.ninja': 'rule x\n  comand = \nbuild' }, { code: 1 });
  await sameAsPlainNinja({ other: '' }, { code: 1 });
});

test('--no-hooks=ninja records one job, and make is still split', { skip }, async () => {
  const project = new MakeProject({ 'build.ninja': LIBS, Makefile: 'all:\n\t@ninja\n' });
  try {
    const store = path.join(project.folder, 'store');
    await project.plain(['--version']);
    await project.run([LOGLIN, '--store', store, '--no-hooks=ninja', 'make']);
    const shown = await project.run([LOGLIN, 'show', '--store', store]);
    assert.match(shown.out.toString(), /^> all\n\[1\/5\] SAY gen\.h\n/);
    assert.doesNotMatch(shown.out.toString(), /> gen/);
  } finally {
    project.remove();
  }
});
