// Editors jump to the places that a build complains of: what docs/editors.md says of them is done here.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { copyDemo } from '../rig/demo.ts';
import { LOGLIN, needs, tree, until } from '../rig/tree.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const FAILURE = 'app/broken.c:6:50';

/** The environment of an editor; compilers run on what is no terminal to draw on. */
const env = { PATH: `${path.dirname(LOGLIN)}:${process.env.PATH ?? ''}`, TERM: 'dumb' };

test('vim: :make and :cexpr find the failure of the demo, which is below make -C', async (t) => {
  if (!needs(t, 'vim')) return;
  const it = tree(t, {});
  copyDemo(it.path('.'));
  const vim = async (...commands: readonly string[]): Promise<string> => {
    const [options, found] = [
      ['-es', '-u', 'NONE', '-i', 'NONE', '-N'],
      "writefile([expand('%:p').':'.line('.').':'.col('.')], 'found')",
    ];
    const words = [...commands, `call ${found}`, 'qa!'].flatMap((command) => ['-c', command]);
    await it.run(['vim', ...options, ...words], { env });
    return path.relative(it.dir, it.read('found').trimEnd());
  };
  // The warnings of the files before it come first.
  const errors = 'call setqflist(filter(getqflist(), \'v:val.text =~ "error:"\'))';
  assert.equal(await vim('set makeprg=loglin\\ make', 'silent make! -j4 FAIL=1', errors, 'cfirst'), FAILURE);
  assert.equal(await vim("cexpr system('loglin problems')", 'cfirst'), FAILURE);
});

test('Emacs: compile finds the failure of the demo, which is below make -C', async (t) => {
  if (!needs(t, 'emacs')) return;
  const it = tree(t, {
    'compile.el': `(require 'compile)
(setq compilation-skip-threshold 2 ended nil)
(setq compilation-finish-functions (list (lambda (&rest _) (setq ended t))))
(compile (getenv "COMMAND"))
(while (not ended) (accept-process-output nil 0.05))
(next-error 1 t)
(with-current-buffer (window-buffer (selected-window))
  (goto-char (window-point (selected-window)))
  (princ (format "%s:%d:%d" (buffer-file-name) (line-number-at-pos) (1+ (current-column)))))
`,
  });
  copyDemo(it.path('.'));
  for (const command of ['loglin make -j4 FAIL=1', 'loglin problems', 'loglin -q make -k FAIL=1']) {
    const { stdout } = await it.run(['emacs', '--batch', '-Q', '-l', 'compile.el'], {
      env: { ...env, COMMAND: command },
    });
    assert.equal(path.relative(it.dir, stdout), FAILURE, command);
  }
});

interface Tasks {
  readonly tasks: readonly {
    readonly command: string;
    readonly problemMatcher: {
      readonly pattern: { readonly regexp: string } & Readonly<
        Record<'file' | 'line' | 'column' | 'severity' | 'message', number>
      >;
    };
  }[];
}

test('VS Code: the task of the docs ends as make does, and its matcher finds each problem once', async (t) => {
  const page = fs.readFileSync(path.join(ROOT, 'docs/editors.md'), 'utf8');
  const { tasks } = JSON.parse(/```json\n([^]*?)```/.exec(page)![1]!) as Tasks;
  const { command, problemMatcher } = tasks[0]!;
  const it = tree(t, {});
  copyDemo(it.path('.'));
  const ran = await it.run(['sh', '-c', command.replace('make -j8', 'make -j4 FAIL=1')], { env });
  assert.equal(ran.end, 'exit 2');
  // As VS Code does: each line by itself, without escape sequences; equal markers are one.
  const { regexp, file, line, column, severity, message } = problemMatcher.pattern;
  const markers = new Set<string>();
  for (const text of ran.stdout.split(/\r?\n/)) {
    const found = new RegExp(regexp).exec(text);
    if (!found) continue;
    assert.ok(it.has(found[file]!), text);
    markers.add([file, line, column, severity, message].map((group) => found[group]).join('|'));
  }
  assert.deepEqual(
    [...markers].filter((one) => one.includes('broken')),
    [
      "app/broken.c|6|50|error|'const struct list' has no member named 'size'",
      "app/broken.c|7|12|error|expected ';' before '}' token",
      "app/broken.c|4|9|warning|unused variable 'unused' [-Wunused-variable]",
    ],
  );
  const all = (await it.run([LOGLIN, 'problems'])).stdout.trimEnd().split('\n');
  assert.equal(markers.size, all.length);
});

interface BackgroundTasks {
  readonly tasks: readonly {
    readonly command: string;
    readonly isBackground: boolean;
    readonly problemMatcher: {
      readonly background: { readonly beginsPattern: string; readonly endsPattern: string };
    };
  }[];
}

test('VS Code: the background task of the docs sees where each build of a watch begins and ends', async (t) => {
  const page = fs.readFileSync(path.join(ROOT, 'docs/editors.md'), 'utf8');
  const block = [...page.matchAll(/```json\n([^]*?)```/g)].find(([text]) => text.includes('loglin watch'))!;
  const [{ command, isBackground, problemMatcher }] = (JSON.parse(block[1]!) as BackgroundTasks).tasks as [
    BackgroundTasks['tasks'][0],
  ];
  assert.ok(isBackground);
  const { beginsPattern, endsPattern } = problemMatcher.background;
  for (const option of ['', ' --ascii']) {
    // What it prints goes where it does not look.
    const it = tree(t, { 'p/Makefile': 'out: in ; @echo watching it; cp in out\n', 'p/in': '1\n', said: '' });
    const out = fs.openSync(it.path('said'), 'w');
    const words = command.replace('watch make -j8', `watch${option} make`);
    const watched = it.start(['sh', '-c', `exec ${words}`], { cwd: it.path('p'), stdout: out, env });
    fs.closeSync(out);
    t.after(() => {
      watched.child.kill('SIGKILL');
    });
    const marks = (): string[] =>
      it
        .read('said')
        .split('\n')
        .flatMap((line) => {
          if (new RegExp(beginsPattern).test(line)) return ['begins'];
          return new RegExp(endsPattern).test(line) ? ['ends'] : [];
        });
    await until('the first build has ended', () => marks().includes('ends'));
    it.write({ 'p/in': '2\n' });
    await until('the second build has ended', () => marks().length >= 4);
    assert.deepEqual(marks(), ['begins', 'ends', 'begins', 'ends']);
    process.kill(-watched.pid, 'SIGINT');
    await watched.ended;
  }
});
