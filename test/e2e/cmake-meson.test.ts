// ninja started by cmake and meson is split too, and the build is the same as without loglin.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LOGLIN, needs, tree } from '../rig/tree.ts';

const C = {
  'lib.c': 'int lib(void) { return 0; }\n',
  'main.c': '#include "made.h"\nint lib(void);\nint main(void) { int unused; return lib() + MADE; }\n',
};

const CMAKE = {
  ...C,
  'made.h.in': '#define MADE 0\n',
  'CMakeLists.txt': `cmake_minimum_required(VERSION 3.10)
project(demo C)
add_compile_options(-Wall)
add_custom_command(OUTPUT made.h COMMAND echo making made.h COMMAND cp \${CMAKE_CURRENT_SOURCE_DIR}/made.h.in made.h)
include_directories(\${CMAKE_CURRENT_BINARY_DIR})
add_library(lib STATIC lib.c)
add_executable(prog main.c \${CMAKE_CURRENT_BINARY_DIR}/made.h)
target_link_libraries(prog lib)
`,
};

const headers = (text: string): string[] => text.split('\n').filter((line) => /^ *▸/.test(line));

test('cmake --build: the edges of its ninja are jobs, and a warning is in the log of the edge that caused it', async (t: TestContext) => {
  if (!needs(t, 'cmake', 'ninja', 'cc')) return;
  const it = tree(t, CMAKE);
  assert.equal((await it.run(['cmake', '-G', 'Ninja', '-S', '.', '-B', 'out'])).end, 'exit 0');
  const { end, stdout } = await it.run([LOGLIN, 'cmake', '--build', 'out', '-j2']);
  assert.equal(end, 'exit 0', stdout);
  assert.deepEqual(headers(await it.show()), [
    '▸ out/liblib.a',
    '  ▸ out/CMakeFiles/lib.dir/lib.c.o',
    '▸ out/liblib.a (resumed)',
    '▸ out/prog',
    '  ▸ out/CMakeFiles/prog.dir/main.c.o',
    '    ▸ out/made.h',
    '  ▸ out/CMakeFiles/prog.dir/main.c.o (resumed)',
    '▸ out/prog (resumed)',
  ]);
  assert.match(await it.show('main.c.o'), /^▸ [^]*\nBuilding C object .*\n[^]*unused variable/);
  const raw = await it.show('--raw');
  assert.equal(raw.split('unused variable').length, 2, 'once');
  assert.doesNotMatch(raw, /^\[\d+\/\d+\]/m, 'no status line of ninja is left over');
  assert.match((await it.run(['ninja', '-C', 'out'])).stdout, /no work to do/);
  assert.match((await it.run([LOGLIN, 'cmake', '--build', 'out'])).stdout, /no work to do/);
});

test('cmake: its own re-run has the console, and the edges that it adds are built', async (t: TestContext) => {
  if (!needs(t, 'cmake', 'ninja', 'cc')) return;
  const it = tree(t, CMAKE);
  await it.run(['cmake', '-G', 'Ninja', '-S', '.', '-B', 'out']);
  await it.run(['cmake', '--build', 'out']);
  it.write({
    'more.c': 'int more;\n',
    'CMakeLists.txt': `${CMAKE['CMakeLists.txt']}add_library(more STATIC more.c)\n`,
  });
  const { end } = await it.run([LOGLIN, 'ninja', '-C', 'out']);
  assert.equal(end, 'exit 0');
  const shown = await it.show();
  assert.deepEqual(headers(shown), [
    '▸ out/build.ninja',
    '▸ out/libmore.a',
    '  ▸ out/CMakeFiles/more.dir/more.c.o',
    '▸ out/libmore.a (resumed)',
  ]);
  assert.match(shown, /▸ out\/build.ninja\nRe-running CMake...\n-- Configuring done/);
});

test('meson compile is split', async (t: TestContext) => {
  if (!needs(t, 'meson', 'ninja', 'cc')) return;
  const it = tree(t, {
    'lib.c': C['lib.c'],
    'main.c': 'int lib(void);\nint main(void) { return lib(); }\n',
    'meson.build': `project('demo', 'c')
lib = static_library('lib', 'lib.c')
executable('prog', 'main.c', link_with: lib)
`,
  });
  assert.equal((await it.run(['meson', 'setup', 'out'])).end, 'exit 0');
  const { end } = await it.run([LOGLIN, 'meson', 'compile', '-C', 'out']);
  assert.equal(end, 'exit 0');
  assert.deepEqual(headers(await it.show()), [
    '▸ out/liblib.a',
    '  ▸ out/liblib.a.p/lib.c.o',
    '▸ out/liblib.a (resumed)',
    '▸ out/prog',
    '  ▸ out/prog.p/main.c.o',
    '▸ out/prog (resumed)',
  ]);
});
