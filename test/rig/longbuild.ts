// A build of 37 jobs that takes a while, as a makefile: libraries of objects that take between a moment and
// some seconds, a program, tests. Its times are a tenth of those of the real build that it is made after, or
// whatever SCALE says.

import type { Tree } from './tree.ts';

const FOLDERS = ['net', 'render', 'core', 'util'];
const UNITS: readonly (readonly [string, number])[] = [
  ['list', 3],
  ['hash', 1],
  ['cache', 5],
  ['io', 2],
  ['parse', 0.6],
  ['tree', 4],
  ['main', 2.5],
  ['queue', 1.5],
];

/** @param failing how the tests and one of the objects end. */
function longBuild(failing: { readonly tests?: boolean; readonly object?: boolean } = {}): string {
  const objects = FOLDERS.flatMap((folder) =>
    UNITS.map(([unit, seconds]) => ({ name: `${folder}/${folder}_${unit}`, seconds })),
  );
  const wait = (seconds: number): string => `sleep $$(echo "${seconds} * $(SCALE)" | bc -l)`;
  const rules = objects.map(({ name, seconds }, i) => {
    const warning =
      i % 9 === 3 ? ` echo "${name}.c:12:5: warning: unused variable 'x' [-Wunused-variable]";` : '';
    const fails =
      failing.object === true && i === 9 ? ` echo "${name}.c:5:1: error: unknown type name"; exit 1;` : '';
    return `build/${name}.o: build/gen.h
\t@mkdir -p $(dir $@); echo cc -O2 -Iinclude -c ${name}.c; for p in 1 2 3 4; do \\
\t  echo "$@: pass $$p of 4"; ${wait(seconds / 4)}; done;${warning}${fails} touch $@`;
  });
  return `SCALE ?= 0.1
all: build/app docs tests
build/gen.h:
\t@mkdir -p build; echo gen; ${wait(0.5)}; touch $@
${rules.join('\n')}
build/app: ${objects.map(({ name }) => `build/${name}.o`).join(' ')}
\t@echo link; ${wait(1)}; touch $@
docs:
\t@echo docs; ${wait(2)}
tests: build/app
\t@echo running tests; ${wait(1.5)};${failing.tests === true ? ' echo "tests/run.c:40:3: error: expected 3, got 4"; exit 1' : ' touch ok'}
`;
}

/** Writes the makefile. */
export function writeLongBuild(it: Tree, failing: Parameters<typeof longBuild>[0] = {}): void {
  it.write({ Makefile: longBuild(failing) });
}
