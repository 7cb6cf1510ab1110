// ninja's manifest: every command, output and input is the same as in `ninja -t compdb`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { graphOf } from '../../src/capture/hooks/ninja/graph.ts';
import { readManifest } from '../../src/capture/hooks/ninja/parser.ts';
import { canonical } from '../../src/capture/hooks/ninja/scope.ts';
import { readCommandLine } from '../../src/capture/hooks/ninja/commandline.ts';
import { isFailure } from '../../src/model/failure.ts';
import { needs } from '../rig/tree.ts';

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-manifest.'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true });
  });
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** A manifest with everything that the format has. */
const ALL = {
  'build.ninja': `# a comment
ninja_required_version = 1.3
builddir = out
flags = -O2 $
    -Wall
dollar = $$x  and  blanks  \r
  # an indented comment
pool few
  depth = 2
rule cc
  command = cc $flags $more -c $in -o $out && echo $dollar \${flags}.o $\${not}
  description = CC $out
  depfile = $out.d
  deps = gcc
  pool = few
rule link
  command = ld -o $out @$out.rsp '$in_newline'
  rspfile = $out.rsp
  rspfile_content = $in

rule circle
  command = $description
  description = in:$depfile
  depfile = $in:$flags
build ./out/../out//a.o: cc a.c | a.h b.h || gen
  more = -DX=1
build out/b$ c.o: cc b$:c.c
  flags = $flags -g
  more = $flags
build out/$flags.o | out/side: cc c.c | $
    d.h
build prog: link out/a.o out/b$ c.o |@ check
build check: cc it's.c $$dollar.c
build gen: circle x y
build all: phony prog gen
include sub/more.ninja
build after-include: from-include z
subninja sub/scope.ninja
build after-subninja: cc w
default all $
  after-include
default after-subninja
`,
  'sub/more.ninja': 'flags = changed\nrule from-include\n  command = included $flags $in > $out\n',
  'sub/scope.ninja':
    'flags = inner\nbuild inner: cc i\nrule cc\n  command = shadow $in $flags\nbuild inner2: cc i2\n',
};

test('as ninja itself evaluates it', (t) => {
  if (!needs(t, 'ninja')) return;
  const cwd = folderOf(t, ALL);
  const manifest = readManifest(cwd, 'build.ninja');
  const theirs = JSON.parse(execFileSync('ninja', ['-t', 'compdb'], { cwd, encoding: 'utf8' })) as {
    command: string;
    file: string;
    output: string;
  }[];
  const real = theirs.filter(({ command }) => command !== '');
  assert.equal(real.length, 10);
  for (const { command, file, output } of real) {
    const edge = manifest.making(output);
    assert.equal(edge?.command, command, output);
    assert.equal(edge.outputs[0], output);
    assert.equal(edge.needs[0], file);
    assert.equal(manifest.take(command), edge);
  }
  assert.deepEqual(manifest.defaults, ['all', 'after-include', 'after-subninja']);
  assert.deepEqual(manifest.making('out/a.o')?.needs, ['a.c', 'a.h', 'b.h', 'gen']);
  assert.equal(manifest.making('out/a.o')?.description, 'CC out/a.o');
  assert.equal(manifest.making('gen')?.description, 'in:x y:changed');
  assert.equal(manifest.stale, false);
  fs.appendFileSync(path.join(cwd, 'sub/more.ninja'), '#\n');
  assert.equal(manifest.stale, true, 'an included file has changed');
});

test('edges with the same command: each is taken once', (t) => {
  const cwd = folderOf(t, { 'build.ninja': 'rule r\n  command = same\nbuild a: r\nbuild b: r\n' });
  const manifest = readManifest(cwd, 'build.ninja');
  assert.deepEqual(
    ['same', 'same', 'same', 'other'].map((command) => manifest.take(command)?.outputs[0]),
    ['a', 'b', 'a', undefined],
  );
});

test('the graph: what the goals need, with second outputs and what dyndep files add', (t) => {
  const cwd = folderOf(t, {
    'build.ninja': `rule r
  command = r $out
build one | two: r x
build dd: r
build a: r two || dd
  dyndep = dd
build p: phony a
build other: r
`,
    dd: 'ninja_dyndep_version = 1\nbuild a | more: dyndep | late\n  restat = 1\n',
  });
  const { nodes, goals } = graphOf(readManifest(cwd, 'build.ninja'), cwd, ['./p']);
  assert.deepEqual(goals, ['p']);
  assert.deepEqual(nodes, [
    { name: 'p', needs: ['a'], recipe: false, phony: true },
    { name: 'a', needs: ['two', 'dd', 'late'], recipe: true },
    { name: 'one', needs: ['x'], recipe: true, also: ['two'] },
    { name: 'two', needs: ['one'], recipe: false, also: ['one'] },
    { name: 'dd', needs: [], recipe: true },
  ]);
  assert.deepEqual(graphOf(readManifest(cwd, 'build.ninja'), cwd, ['x^']).goals, ['one']);
  assert.deepEqual(graphOf(readManifest(cwd, 'build.ninja'), cwd, []).goals, ['p', 'other']);
});

test('a broken manifest is a failure that names the place', (t) => {
  for (const [text, where] of [
    ['build a', 'build.ninja:1: a build statement without :'],
    ['build a: none\n', 'build.ninja:2: no rule none'],
    ['rule r\n  command\n', 'build.ninja:2: command without ='],
    ['x = $!\n', 'build.ninja:1: a bad $-escape'],
    ['include missing\n', 'missing: no such file'],
    ['include build.ninja\n', 'included in a circle'],
    ['}\n', 'build.ninja:1: no statement'],
  ]) {
    const cwd = folderOf(t, { 'build.ninja': text! });
    assert.throws(
      () => readManifest(cwd, 'build.ninja'),
      (error) => isFailure(error) && error.message.toLowerCase().includes(where!),
      text,
    );
  }
});

test('paths as ninja writes them', () => {
  for (const [from, to] of [
    ['a/b', 'a/b'],
    ['./a', 'a'],
    ['a/./b/', 'a/b'],
    ['a//b', 'a/b'],
    ['a/../b', 'b'],
    ['../a', '../a'],
    ['a/../../b', '../b'],
    ['/../a', '/a'],
    ['.', '.'],
    ['a/..', '.'],
    ['.a/..b/c.', '.a/..b/c.'],
  ])
    assert.equal(canonical(from!), to);
});

test('command lines', () => {
  const read = (...args: string[]): unknown => readCommandLine(['ninja', ...args]);
  const plain = { folder: '', manifest: 'build.ninja', goals: [], verbose: false, quiet: false, idle: false };
  assert.deepEqual(read(), plain);
  assert.deepEqual(read('-C', 'out', '-vk0', '-j', '4', 'all', '--', '-odd'), {
    ...plain,
    folder: 'out',
    verbose: true,
    goals: ['all', '-odd'],
  });
  assert.deepEqual(read('-Cout', '-fother.ninja', '--quiet'), {
    ...plain,
    folder: 'out',
    manifest: 'other.ninja',
    quiet: true,
  });
  for (const idle of [['-n'], ['-vn'], ['-t', 'clean'], ['--version']])
    assert.equal(readCommandLine(['ninja', ...idle]).idle, true, idle.join(' '));
});
