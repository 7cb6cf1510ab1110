// loglin inside a build: its place, --once, link, statuses, signals and redirections; a nested call starts no
// Node.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOGLIN, NOTED, type Tree, needs, tree } from '../rig/tree.ts';

const WAIT = (file: string): string => `while ! test -e ${file}; do sleep 0.02; done`;
const SH = '#!/bin/sh\necho "$LOGLIN_BUILD" >>.builds\n';
const L = '"$LOGLIN_BIN"';

/** Runs a script under loglin. Its live output must be what show prints again. */
async function script(it: Tree, text: string, ...options: string[]): Promise<string> {
  it.write({ 'main.sh': `${SH}${text}\n` });
  const { end, stdout, stderr } = await it.loglin(...options, './main.sh');
  assert.equal(stderr, '');
  assert.equal(end, 'exit 0');
  assert.equal(await it.show(), stdout);
  await it.nothingLeft();
  return stdout;
}

// -- worked example 1 ------------------------------------------------------------------------------------

const EXAMPLE = {
  'a.sh': `${SH}echo 'A starts'\n${L} -t J ./j.sh\necho 'A ends'\n`,
  'j.sh': `#!/bin/sh
echo 'J starts'
${L} -t X ./x.sh &
${L} -t Y ./y.sh &
${L} -t Z ./z.sh &
wait
echo 'more J'
`,
  ...Object.fromEntries(
    ['X', 'Y', 'Z'].map((name) => [
      `${name.toLowerCase()}.sh`,
      `#!/bin/sh\n${L} --once -t Q sh -c 'echo building Q'\necho '${name} done'\n`,
    ]),
  ),
};

const EXAMPLE_SHOWN = `▸ A
A starts
  ▸ J
J starts
    ▸ X
      ▸ Q
building Q
    ▸ X (resumed)
X done
    ▸ Y
Y done
    ▸ Z
Z done
  ▸ J (resumed)
more J
▸ A (resumed)
A ends
`;

test('nested: worked example 1 is printed word for word, live and again, 20 times', async (t) => {
  const it = tree(t, EXAMPLE);
  for (let round = 1; round <= 20; round++) {
    const { end, stdout } = await it.loglin('-t', 'A', './a.sh');
    assert.equal(end, 'exit 0');
    assert.equal(stdout, EXAMPLE_SHOWN, `live, round ${round}`);
    assert.equal(await it.show('A'), EXAMPLE_SHOWN, `show A, round ${round}`);
    assert.equal(await it.show(), EXAMPLE_SHOWN, `show, round ${round}`);
    assert.equal(await it.show('--order=launch', 'A'), EXAMPLE_SHOWN, `launch order, round ${round}`);
    assert.equal(
      await it.show('Z'),
      '▸ Z\n  ▸ Q\nbuilding Q\n▸ Z (resumed)\nZ done\n',
      `show Z, round ${round}`,
    );
  }
  await it.nothingLeft();
});

for (const first of ['X', 'Y', 'Z'])
  test(`nested: worked example 1 is the same when ${first} runs Q and the others wait for it`, async (t) => {
    const scripts: Record<string, string> = { ...EXAMPLE };
    for (const name of ['X', 'Y', 'Z']) {
      const wait = name === first ? '' : `${WAIT('q.runs')}\n`;
      const q = `echo >q.runs; ${WAIT(name === first ? 'others' : 'never')}; echo building Q`;
      const coming = name === first ? '' : `echo >>others.${name}\n`;
      scripts[`${name.toLowerCase()}.sh`] =
        `#!/bin/sh\n${wait}${coming}${L} --once -t Q sh -c '${q}'\necho '${name} done'\n`;
    }
    const it = tree(t, scripts);
    const started = it.start([LOGLIN, '-t', 'A', './a.sh']);
    for (const name of ['X', 'Y', 'Z']) if (name !== first) await it.file(`others.${name}`);
    it.write({ others: '' });
    const { stdout } = await started.ended;
    assert.equal(await it.show(), EXAMPLE_SHOWN);
    assert.equal(stdout, EXAMPLE_SHOWN);
    await it.nothingLeft();
  });

test('nested: in the next build Q is up to date and linked', async (t) => {
  const it = tree(t, EXAMPLE);
  await it.loglin('-t', 'A', './a.sh');
  const { stdout } = await it.loglin('-t', 'Z', 'sh', '-c', `${L} link Q; echo Z done`);
  assert.equal(stdout, '▸ Z\nZ done\n');
  assert.equal(await it.show('Z'), '▸ Z\nZ done\n');
});

// -- statuses and signals --------------------------------------------------------------------------------

for (const [command, status] of [
  ['true', 0],
  ['sh -c "exit 3"', 3],
  ['sh -c "exit 129"', 129],
  ["sh -c 'kill -TERM $$'", 143],
  ["sh -c 'kill -SEGV $$'", 139],
  ['./nothing-there', 127],
  ['./plain', 126],
] as const)
  test(`nested: the status of \`${command}\` reaches the caller: ${status}`, async (t) => {
    const it = tree(t, { plain: 'x' });
    const run = `${L} -t x ${command}; echo "status $?"`;
    it.write({
      'main.sh': `${SH}ulimit -c 0\n(${run}) 2>/dev/null\n(${L} -t y ${command}); echo "status $?"\n`,
    });
    const { stdout } = await it.loglin('./main.sh');
    const statuses = stdout.split('\n').filter((line) => line.startsWith('status'));
    assert.deepEqual(statuses, [`status ${status}`, `status ${status}`]);
    await it.nothingLeft();
  });

test('nested: callers that wait with --once get the status, and the command runs once', async (t) => {
  const it = tree(t, {
    'main.sh': `${SH}
${L} --once -t q sh -c 'echo >>runs; echo >begun; ${WAIT('go')}; exit 7' & first=$!
${WAIT('begun')}
${L} --once -t q false & second=$!
${L} -t other sh -c 'echo other; echo >go'
wait $first; echo "first $?"
wait $second; echo "second $?"
${L} --once -t q false; echo "third $?"
`,
  });
  const { stdout } = await it.loglin('./main.sh');
  assert.equal(it.read('runs'), '\n');
  assert.deepEqual(
    stdout.split('\n').filter((line) => /^(first|second|third)/.test(line)),
    ['first 7', 'second 7', 'third 7'],
  );
  await it.nothingLeft();
});

test('nested: --once in a circle is an error, not a deadlock', async (t) => {
  const it = tree(t, {
    'p.sh': `#!/bin/sh\n${L} --once -t r ./r.sh; echo "p: $?"\n`,
    'r.sh': `#!/bin/sh\n${L} --once -t p ./p.sh; echo "r: $?"\n`,
    'main.sh': `${SH}${L} --once -t p ./p.sh\n`,
  });
  const { stdout } = await it.loglin('./main.sh');
  assert.equal(
    stdout,
    '▸ p\n  ▸ r\nloglin: --once p: a cycle: p waits for itself\nr: 125\n▸ p (resumed)\np: 0\n',
  );
  await it.nothingLeft();
});

test('nested: --once in a circle of two that run at once is an error, not a deadlock', async (t) => {
  const it = tree(t, {
    'p.sh': `#!/bin/sh\necho >p.runs; ${WAIT('r.runs')}\n${L} --once -t r false; echo "p: $?"\n`,
    'r.sh': `#!/bin/sh\necho >r.runs; ${WAIT('p.runs')}\n${L} --once -t p false; echo "r: $?"\n`,
    'main.sh': `${SH}${L} --once -t p ./p.sh & ${L} --once -t r ./r.sh & wait\n`,
  });
  const { stdout, end } = await it.loglin('./main.sh');
  assert.equal(end, 'exit 0');
  assert.match(stdout, /^loglin: --once [pr]: a cycle: [pr] waits for itself$/m);
  assert.match(stdout, /^[pr]: 125$/m);
  assert.match(stdout, /^[pr]: 0$/m);
  await it.nothingLeft();
});

test('nested: TERM to the whole build ends nested commands too; TERM to one ends only that one', async (t) => {
  const it = tree(t, {
    'main.sh': `${SH}
${L} -t one sh -c 'echo $$ >one.pid; ${WAIT('never')}'
echo "one $?"
${L} -t two sh -c 'echo $$ >two.pid; ${WAIT('never')}'
echo "two $?"
`,
  });
  const started = it.start([LOGLIN, './main.sh']);
  process.kill(Number(await it.line('one.pid')), 'SIGTERM');
  await it.line('two.pid');
  process.kill(-started.pid, 'SIGTERM');
  const { end, stdout } = await started.ended;
  assert.equal(end, 'SIGTERM');
  assert.match(stdout, /^▸ one\n(Terminated\n)?✗ one \(SIGTERM\)\n(Terminated\n)?one 143\n▸ two\n/);
  await it.nothingLeft();
});

// -- redirections ----------------------------------------------------------------------------------------

const BOTH = `sh -c 'echo to stdout; echo to stderr >&2'`;

// A job whose output does not go to the log has no header in it, until it prints something there after all.
for (const [line, shown, file] of [
  [`${L} -t x ${BOTH} >file`, '▸ x\nto stderr\n', 'to stdout\n'],
  [`${L} -t x ${BOTH} 2>file`, '▸ x\nto stdout\n', 'to stderr\n'],
  [`${L} -t x ${BOTH} >file 2>&1`, '', 'to stdout\nto stderr\n'],
  [`${L} -t x ${BOTH} 2>/dev/null | cat >file`, '', 'to stdout\n'],
  [`${L} -t x printf 'b\\na\\n' | sort | tee file`, '▸ x\na\nb\n', 'a\nb\n'],
  [`${L} -t x ${BOTH} 2>&1 | tee file`, '▸ x\nto stdout\nto stderr\n', 'to stdout\nto stderr\n'],
  [`value=$(${L} -t x echo 'a  value'); echo "$value" >file`, '', 'a  value\n'],
  [`echo input | ${L} -t x cat >file`, '', 'input\n'],
  [`echo input | ${L} -t x cat; echo >file`, '▸ x\ninput\n', '\n'],
  [`${L} -t x sh -c 'echo three >&3' 3>file`, '▸ x\n', 'three\n'],
] as const)
  test(`nested: output goes to the right place: ${line.replace(L, 'loglin')}`, async (t) => {
    const it = tree(t, {});
    const stdout = await script(it, line);
    assert.equal(it.read('file'), file);
    assert.equal(
      stdout.split('\n').sort().join('\n'),
      shown.split('\n').sort().join('\n'),
      'each line is shown once',
    );
  });

test('nested: `> /dev/stderr` between other output keeps its place', async (t) => {
  const it = tree(t, {});
  const stdout = await script(
    it,
    `${L} -t x sh -c 'echo 1; echo 2 >/dev/stderr; echo 3; echo 4 >/dev/stdout; echo 5'`,
  );
  assert.equal(stdout, '▸ x\n1\n2\n3\n4\n5\n');
});

// -- names and arguments ---------------------------------------------------------------------------------

const NAMES = [
  'with space',
  "quote'quote",
  'double"quote',
  '$HOME',
  '`id`',
  'a;b',
  'a#b',
  '%',
  '=',
  'a\\b\\n',
  '*',
  'ünïcödé ✓ 漢字',
  'tab\there',
  '-dash',
  'a/b/../c',
  '~',
  '/absolute',
  '!',
  '&',
  '(x)',
  'x'.repeat(5000),
];

test('nested: names may have any characters, in the caller and in show', async (t) => {
  const it = tree(t, {
    'main.sh': `${SH}for name; do ${L} -t "$name" printf '<%s>\\n' "$name"; done\n`,
  });
  const { stdout } = await it.loglin('./main.sh', ...NAMES);
  for (const name of NAMES) {
    assert.ok(stdout.includes(`<${name}>\n`), name.slice(0, 40));
    if (name === '*') continue;
    const shown = await it.show('--', name);
    assert.ok(shown.endsWith(`\n<${name}>\n`), `show ${name.slice(0, 40)}: ${shown.slice(0, 80)}`);
  }
  assert.equal(stdout.split('\n').filter((line) => line.startsWith('▸')).length, NAMES.length);
});

test('nested: names and arguments may have newlines, escapes, bytes that are not UTF-8, be empty, and be many', async (t) => {
  const it = tree(t, {
    'main.sh': `${SH}esc=$(printf 'a\\033[31mb\\007\\200\\377\\036\\037'); nl='two
lines'
${L} -t "$esc" printf '%s' "$esc" '' "$nl" | od -An -c >odd
${L} -t "$nl" printf '<%s>' "$nl" '' 'end'
${L} -t many sh -c 'echo $#' sh $(seq 1 20000)
`,
  });
  const { stdout, end } = await it.loglin('./main.sh');
  assert.equal(end, 'exit 0');
  assert.equal(
    it.read('odd').replace(/\s+/g, ' ').trim(),
    'a 033 [ 3 1 m b \\a 200 377 036 037 t w o \\n l i n e s',
  );
  assert.match(stdout, /<two\nlines><><end>/);
  assert.match(stdout, /^20000$/m);
  assert.ok(!stdout.includes('▸ a\x1b'), 'an escape sequence in a header');
});

test('nested: options work in every form, as do -C and an empty command', async (t) => {
  const it = tree(t, { 'sub/x': '' });
  const stdout = await script(
    it,
    `${L} -tone echo 1; ${L} --target=two echo 2; ${L} --target three echo 3; ${L} -C sub -t four ls
${L} run -t five echo 5; ${L} -t six -- echo 6; ${L} echo seven`,
  );
  assert.equal(
    stdout,
    '▸ one\n1\n▸ two\n2\n▸ three\n3\n▸ four\nx\n▸ five\n5\n▸ six\n6\n▸ echo seven\nseven\n',
  );
});

test('nested: environment, stdin, cwd, umask and ignored signals reach the command', async (t) => {
  const it = tree(t, {});
  const probe = 'echo "$VAR|$(cat)|$(pwd)|$(umask)|$(sed -n s/^SigIgn:.//p /proc/self/status)"';
  await script(
    it,
    `export VAR='a b'; umask 027; trap '' HUP; cd /\necho in | ${L} -t x sh -c '${probe}' >"$OLDPWD/one"
cd "$OLDPWD"; cd /; echo in | sh -c '${probe}' >"$OLDPWD/two"`,
  );
  assert.equal(it.read('one'), it.read('two'));
  assert.match(it.read('one'), /^a b\|in\|\/\|0027\|0*1\n$/);
});

// -- in make ---------------------------------------------------------------------------------------------

test('nested: calls work in recipes, under a jobserver', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: a b
a b:
\t@echo $@ begins; echo >$@.here; ${WAIT('a.here')}; ${WAIT('b.here')}
\t+@"$$LOGLIN_BIN" -t part-$@ $(MAKE) -f inner.mk $@1 $@2
\t@echo $@ ends
`,
    'inner.mk': `a%:\n\t@echo $@ >$@.here2; ${WAIT('b1.here2')}; echo $@\nb%:\n\t@echo $@ >$@.here2; ${WAIT('a1.here2')}; echo $@\n`,
  });
  const { stdout, end } = await it.loglin('make', '-j4');
  assert.equal(end, 'exit 0');
  assert.doesNotMatch(stdout, /jobserver/);
  const plain = ['a', 'b'].map((x) => {
    const inner = [1, 2].map((n) => `    ▸ ${x}${n}\n${x}${n}\n`).join('');
    return `▸ ${x}\n${x} begins\n  ▸ part-${x}\n${inner}▸ ${x} (resumed)\n${x} ends\n`;
  });
  const shown = await it.show();
  assert.equal(
    shown.replace(/^make\[1\].*\n/gm, '').replace(/^ *▸ part-. \(resumed\)\n/gm, ''),
    plain.join(''),
  );
  await it.nothingLeft();
});

test('nested: a failing nested call is named in the failure report with its path', async (t) => {
  const it = tree(t, {
    Makefile: `${NOTED}all: a\na:\n\t@"$$LOGLIN_BIN" -t part sh -c 'echo bad thing; exit 5'\n`,
  });
  const { stdout, end } = await it.loglin('make');
  assert.equal(end, 'exit 2');
  assert.match(stdout, /^▸ a\n {2}▸ part\nbad thing\n {2}✗ part \(exit 5\)\n/);
  assert.match(stdout, /\n✗ part \(exit 5\)\n.*a → part\n.*\nbad thing\n.*loglin show part\n$/);
  await it.nothingLeft();
});

test('nested: 60 calls at once have a whole log each', async (t) => {
  const it = tree(t, {});
  const stdout = await script(
    it,
    `for i in $(seq 1 60); do ${L} -t "n$i" sh -c "seq 1 200; echo end $i" & done; wait`,
  );
  for (let i = 1; i <= 60; i++) {
    const block = new RegExp(`^▸ n${i}\n(?:\\d+\n){200}end ${i}\n`, 'm').exec(stdout);
    assert.ok(block, `n${i}`);
  }
});

test('nested: a call whose recorder was killed still runs its command', async (t) => {
  const it = tree(t, {
    'main.sh': `${SH}exec >out 2>&1; echo $PPID >loglin.pid; ${WAIT('go')}; ${L} -t x sh -c 'echo x ran; exit 4'; echo "status $?"; echo >done\n`,
  });
  const started = it.start([LOGLIN, './main.sh']);
  await it.line('loglin.pid');
  process.kill(started.pid, 'SIGKILL');
  await started.ended;
  it.write({ go: '' });
  await it.file('done');
  assert.match(it.read('out'), /^x ran$/m);
  assert.match(it.read('out'), /^status 4$/m);
  await it.loglin('true');
  await it.nothingLeft();
});

test('nested: no node is started for a nested call, --once or link', async (t) => {
  if (!needs(t, 'strace')) return;
  const it = tree(t, {
    'main.sh': `${SH}strace -f -qq -e trace=execve -o trace sh -c '"$LOGLIN_BIN" -t x echo x; "$LOGLIN_BIN" --once -t q echo q; "$LOGLIN_BIN" --once -t q echo q; "$LOGLIN_BIN" link z'\n`,
  });
  const { end, stdout } = await it.loglin('./main.sh');
  assert.equal(end, 'exit 0');
  assert.equal(stdout, '▸ x\nx\n▸ q\nq\n');
  const programs = [...it.read('trace').matchAll(/execve\("([^"]*)".*= 0$/gm)].map(([, program]) =>
    program!.replace(/.*\//, ''),
  );
  assert.ok(programs.includes('loglin-launch'));
  assert.deepEqual(
    programs.filter((program) => !['sh', 'loglin', 'loglin-launch', 'echo'].includes(program)),
    [],
  );
});
