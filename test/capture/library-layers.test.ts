// The layers of the capture library. Reads what each C file includes and each header declares, and fails if a
// part knows one above it. A file must include what it uses, since the compiler rejects undeclared functions.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const FOLDER = 'src/capture/library';

/** The parts, each with the parts that it may know. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  common: [],
  slots: ['common'],
  launchers: ['common', 'slots'],
  handover: ['common', 'slots'],
  terminals: ['common', 'slots', 'handover'],
  pipes: ['common', 'slots', 'terminals'],
  tool: ['common', 'slots', 'launchers', 'pipes'],
  make: ['common', 'slots', 'terminals', 'launchers', 'tool'],
  piped: ['common', 'slots', 'launchers', 'tool'],
  ninja: ['common', 'slots', 'launchers', 'tool', 'piped'],
  ctest: ['common', 'slots', 'launchers', 'tool', 'piped'],
  wrappers: ['common', 'slots', 'launchers', 'tool', 'make', 'ninja', 'ctest'],
};

function read(name: string): string {
  return fs.readFileSync(path.join(FOLDER, name), 'utf8').replaceAll(/\/\*[^]*?\*\//g, '');
}

function includes(text: string): string[] {
  return [...text.matchAll(/^#include "(.*)"$/gm)].map(([, name = '']) => name.replace(/\.h$/, ''));
}

/** The functions and variables that a header declares for others. */
function declared(header: string): string[] {
  // Without the members of structs.
  const text = header.replaceAll(/\{[^{}]*\}/g, '').replaceAll(/__attribute__\(\(.*?\)\)\)?/g, '');
  const functions = [...text.matchAll(/^(?!typedef|#|extern)[A-Za-z].*?\b(\w+)\(/gm)].map(
    ([, name = '']) => name,
  );
  const variables = [...text.matchAll(/^extern ([^;]+);/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => /(\w+)(?:\[.*\])?\s*$/.exec(name)?.[1] ?? ''),
  );
  return [...functions, ...variables].filter((name) => name !== 'environ');
}

const FILES = fs.readdirSync(FOLDER).sort();

test('each part includes only those below it', () => {
  const found = FILES.flatMap((file) => {
    const part = path.parse(file).name;
    const allowed = ARROWS[part];
    if (!allowed) return [`${file} is none of ${Object.keys(ARROWS).join(', ')}`];
    return includes(read(file))
      .filter((name) => name !== part && !allowed.includes(name))
      .map((name) => `${file} includes ${name}.h`);
  });
  assert.deepEqual(found, []);
});

test('what a header declares is defined in the file of its name: nothing is known behind its back', () => {
  let count = 0;
  for (const header of FILES.filter((file) => file.endsWith('.h') && file !== 'common.h')) {
    const source = read(header.replace(/\.h$/, '.c'));
    for (const name of declared(read(header))) {
      count++;
      const definition = new RegExp(
        `^(?!extern)[A-Za-z][^\\n=(;]*\\b${name}\\b[^;]*?(?:\\{|;|=)|^(?!extern)[A-Za-z][^\\n;]*[ *,]${name}\\b[^\\n]*;`,
        'm',
      );
      assert.match(source, definition, `${header} declares ${name}`);
    }
  }
  assert.ok(count > 40, `${count} declarations`);
});

test('no C file declares what another one has', () => {
  for (const file of FILES.filter((name) => name.endsWith('.c')))
    assert.doesNotMatch(read(file), /^extern\b/m, file);
});

test('an arrow upward is seen', () => {
  assert.deepEqual(includes('#include "tool.h"\n#include <stdio.h>\n'), ['tool']);
  const header =
    'extern int a, b[3];\nint f(void);\nconst char *g(int (*call)(void));\ntypedef int h(int);\nextern char **environ;';
  assert.deepEqual(declared(header), ['f', 'g', 'a', 'b']);
});
