import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LOGLIN, MakeProject, type Recorded, readBack, sameAsPlainMake } from '../rig/twin.ts';

function logOf(recorded: Pick<Recorded, 'jobs' | 'log'>, name: string): Buffer {
  const job = recorded.jobs.find((one) => one.name === name);
  assert.ok(job, `no job ${name}`);
  return recorded.log(job);
}

test('echo x > /dev/stderr between other output truncates nothing and keeps its place', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: a b
a b:
	@echo $@ 1; echo $@ 2 >/dev/stderr; echo $@ 3; echo $@ 4 >/dev/stdout; echo $@ 5 >&2; echo $@ 6 >/proc/self/fd/2
	@echo $@ 7 >/dev/stderr
	@echo $@ 8; echo $@ 9 >>/dev/stderr; echo $@ 10
`,
    },
    {
      check: (recorded) => {
        for (const name of ['a', 'b'])
          assert.equal(
            logOf(recorded, name).toString(),
            Array.from({ length: 10 }, (_, i) => `${name} ${i + 1}\n`).join(''),
          );
      },
    },
  );
});

test('stdout and stderr that a recipe sends elsewhere stay there', async () => {
  await sameAsPlainMake(
    {
      Makefile: `all: a b c
a: ; @exec >$@.out 2>$@.err; echo out; echo err >&2
b: ; @{ echo out; echo err >&2; } 2>&1 >$@.out | sed 's/^/piped /'
c: ; @exec 3>&1 >$@.out 2>&3; echo out; echo err >&2; echo three >&3; exec 3>&-
`,
    },
    { jobs: { a: '', b: 'piped err\n', c: 'err\nthree\n' } },
  );
});

test('make’s own stdout or stderr may be a file or closed: only the other one is split', async () => {
  const files = {
    Makefile: 'all: a b\na b: ; @echo $@ out; echo $@ err >&2\n\techo $@ again\n',
    'to-file.sh': 'exec make "$@" >out.txt\n',
    'err-file.sh': 'exec make "$@" 2>err.txt\n',
    'closed.sh': 'exec make "$@" 2>&-\n',
    'both.sh': 'make "$@" >all.txt 2>&1; make "$@" | cat >piped.txt; make "$@" >&2\n',
  };
  const project = new MakeProject(files);
  try {
    for (const script of ['to-file.sh', 'err-file.sh', 'closed.sh', 'both.sh']) {
      const plain = await project.plain([script], { command: 'sh' });
      const recorded = await project.loglin([script], { command: 'sh' });
      assert.deepEqual(recorded.files, plain.files, script);
      assert.equal(recorded.raw.toString(), plain.out.toString(), script);
      assert.equal(recorded.code, plain.code);
    }
  } finally {
    project.remove();
  }
});

test('binary output arrives byte for byte, also with the bytes that frame records', async () => {
  const all = Buffer.from(Array.from({ length: 256 * 256 }, (_, i) => (i * 7 + (i >> 8)) & 255));
  const marks = Buffer.alloc(300_000, Buffer.from([0x1e, 0x1f, 0x1e, 0x0a]));
  const project = new MakeProject({
    Makefile: `all: bytes marks fake
bytes: ; @cat all.bin all.bin
marks: ; @printf '\\036\\037\\036\\036abc\\037\\000\\r\\n'; cat marks.bin; echo end
fake: ; @printf '\\036%sW:x\\037' 0123456789abcdef; printf '\\036%s' "$\${LOGLIN_BUILD##*-}"
`,
    'all.bin': all,
    'marks.bin': marks,
  });
  try {
    const recorded = await project.loglin(['-j4']);
    assert.equal(recorded.code, 0);
    assert.deepEqual(logOf(recorded, 'bytes'), Buffer.concat([all, all]));
    const text = Buffer.from('\x1e\x1f\x1e\x1eabc\x1f\0\r\n', 'latin1');
    assert.deepEqual(logOf(recorded, 'marks'), Buffer.concat([text, marks, Buffer.from('end\n')]));
    // Even the start of a record with this build's own mark is output, if nothing follows it.
    assert.match(logOf(recorded, 'fake').toString('latin1'), /^\x1e0123456789abcdefW:x\x1f\x1e[0-9a-f]{16}$/);
    assert.equal(
      recorded.raw.length,
      2 * all.length + text.length + marks.length + 4 + logOf(recorded, 'fake').length,
    );
  } finally {
    project.remove();
  }
});

test('a line of 100 MB arrives whole', async () => {
  const project = new MakeProject({
    Makefile: `all: long short
long: ; @head -c 100000000 /dev/zero | tr '\\0' x; echo end
short: ; @echo short
`,
  });
  try {
    const recorded = await project.loglin(['-j2']);
    assert.equal(recorded.code, 0);
    const log = logOf(recorded, 'long');
    assert.equal(log.length, 100_000_004);
    assert.equal(log.subarray(0, 100_000_000).indexOf('e'), -1);
    assert.equal(log.toString('latin1', 99_999_999), 'xend\n');
    assert.equal(logOf(recorded, 'short').toString(), 'short\n');
    assert.equal(recorded.raw.length, 100_000_004 + 6);
    assert.ok(recorded.out.length >= recorded.raw.length);
  } finally {
    project.remove();
  }
});

test('output without a final newline, and output of nothing but newlines, stays as it is', async () => {
  const project = new MakeProject({
    Makefile: `all: a b c d
a: ; @printf 'a without end'
b: a ; printf 'b too'
c: b ; @printf '\\n\\n\\n'
d: c ; @printf ''
`,
  });
  try {
    for (const parallel of [1, 4]) {
      const plain = await project.plain([`-j${parallel}`]);
      const recorded = await project.loglin([`-j${parallel}`]);
      assert.equal(logOf(recorded, 'a').toString(), 'a without end');
      assert.equal(logOf(recorded, 'b').toString(), "printf 'b too'\nb too");
      assert.equal(logOf(recorded, 'c').toString(), '\n\n\n');
      assert.equal(logOf(recorded, 'd').toString(), '');
      assert.equal(recorded.raw.toString(), plain.out.toString());
    }
  } finally {
    project.remove();
  }
});

test('300 jobs at once have a log each', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `job-${i}`);
  // No job goes on before all have started, so all 300 have their slots at the same time.
  await sameAsPlainMake(
    {
      Makefile: `NAMES := ${names.join(' ')}
all: $(NAMES) ; @echo all came
$(NAMES): ; @echo $@ starts; mkdir -p here; : >here/$@; until test -e go; do sleep 0.2; done; echo $@ ends
all: watch
watch: ; @until test "$$(ls here 2>/dev/null | wc -l)" -eq 300; do sleep 0.2; done; : >go; echo go
`,
    },
    {
      parallel: [301],
      jobs: {
        ...Object.fromEntries(names.map((name) => [name, `${name} starts\n${name} ends\n`])),
        watch: 'go\n',
        all: 'all came\n',
      },
    },
  );
});

test('a recipe that reads stdin gets make’s stdin', async () => {
  const files = {
    Makefile: `all: first second
first: ; @read -r line; echo "first read [$$line]"
second: first ; @read -r line; echo "second read [$$line]"; cat >rest.txt; wc -l <rest.txt
`,
  };
  // The shells read byte by byte, so that each takes only its own line; at -j4 all but one child have no
  // stdin.
  await sameAsPlainMake(files, {
    stdin: 'one\ntwo\nthree\nfour\n',
    parallel: [1],
    jobs: { first: 'first read [one]\n', second: 'second read [two]\n2\n' },
  });
  await sameAsPlainMake(
    { Makefile: 'all: a b c\na b c: ; @cat | wc -c\n' },
    {
      stdin: 'x'.repeat(1000),
      parallel: [3],
      normalize: (line) => line.replace(/\d+/, 'n'),
      ignoreFiles: /./,
    },
  );
});

test('a background process that outlives its recipe, and even the build, lives on, and its output reaches its log', async () => {
  const project = new MakeProject({
    Makefile: `all: leaves next
leaves:
	@echo $@ starts
	@sh late.sh &
	@until test -e started; do sleep 0.05; done; echo $@ ends
next: leaves
	@echo $@; : >said; until test -e heard; do sleep 0.05; done
`,
    // Prints something while another job runs, and something when the build is over; reports whether writing
    // worked.
    'late.sh': `: >started
until test -e said; do sleep 0.05; done
echo late, during the build
echo late on stderr >&2
: >heard
until test -e over; do sleep 0.05; done
if echo late, after the build; then echo wrote >wrote; else echo could not >wrote; fi
`,
  });
  try {
    const store = path.join(project.folder, 'store');
    fs.mkdirSync(project.work);
    for (const name of ['Makefile', 'late.sh'])
      fs.writeFileSync(path.join(project.work, name), project.files[name] ?? '');
    const child = spawn(LOGLIN, ['--store', store, 'make', '-j2'], {
      cwd: project.work,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const shown: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => shown.push(chunk));
    // This event is not 'exit': the pipes are closed too, since the remaining process does not hold them.
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 0);
    const recorded = { ...readBack(store) };
    const before = 'leaves starts\nleaves ends\nlate, during the build\nlate on stderr\n';
    assert.equal(logOf(recorded, 'leaves').toString(), before);
    assert.equal(logOf(recorded, 'next').toString(), 'next\n');
    fs.writeFileSync(path.join(project.work, 'over'), '');
    await until(() => fs.existsSync(path.join(project.work, 'wrote')));
    await until(() => logOf(recorded, 'leaves').length > before.length);
    assert.equal(fs.readFileSync(path.join(project.work, 'wrote'), 'utf8'), 'wrote\n');
    const after = readBack(store);
    assert.equal(logOf(after, 'leaves').toString(), `${before}late, after the build\n`);
    assert.match(after.raw.toString(), /late, after the build/);
    assert.match(Buffer.concat(shown).toString(), /late, during the build/);
  } finally {
    project.remove();
  }
});

test('many jobs that print much at once lose no byte and double none', async () => {
  // Lines have 16 bytes, so that blocks end where lines do: plain make's output then has whole lines too.
  await sameAsPlainMake(
    {
      Makefile: `NAMES := 1 2 3 4 5 6
all: $(addprefix j,$(NAMES))
j%: ; @yes 'a line of job $*' | head -n $*0000; cksum <Makefile
`,
    },
    {
      check: (recorded) => {
        for (let i = 1; i <= 6; i++) {
          const log = logOf(recorded, `j${i}`);
          const line = `a line of job ${i}\n`;
          const body = Buffer.from(line.repeat(i * 10_000));
          const sum = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');
          assert.equal(sum(log.subarray(0, body.length)), sum(body));
        }
      },
    },
  );
});

/** Polls for something that another process does. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition();) {
    assert.ok(Date.now() < end, 'it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
