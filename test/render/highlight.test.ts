import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Echoes, EchoedCommands, NO_ECHOES } from '../../src/render/echoed.ts';
import { highlight, highlightLine } from '../../src/render/highlight.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

function echoes(...commands: string[]): Echoes {
  const echoed = new EchoedCommands();
  for (const command of commands) echoed.add(command);
  return echoed.add('');
}

/** SGR sequences as words: `«b»`: bold, `«d»`: dim, `«r»`: red, `«m»`: magenta, `«»`: off. */
function readable(text: string): string {
  const words: Record<string, string> = { '1': 'b', '2': 'd', '1;31': 'r', '1;35': 'm', '0': '' };
  return text.replaceAll(/\x1b\[([\d;]*)m/g, (_, code: string) => `«${words[code] ?? code}»`);
}

for (const painted of [
  "«d»make[1]: Entering directory '/src/a'«»",
  "«d»ninja: Entering directory `out'«»",
  // gcc, clang
  '«b»a.c:3:1:«» «r»error:«» expected ‘;’',
  '«b»src/a.c:3:1:«» «m»warning:«» unused variable ‘x’ [-Wunused-variable]',
  '«b»a.c:1:10:«» «r»fatal error:«» no.h: No such file or directory',
  '«b»a.c:7:3:«» «d»note:«» declared here',
  '«b»/usr/include/x y.h:7:3:«» «r»error:«» in a folder with a space',
  'cc1: «m»warning:«» command-line option is valid for C++',
  'clang: «r»error:«» linker command failed with exit code 1',
  'collect2: «r»error:«» ld returned 1 exit status',
  "a.o: in function `main': «r»undefined reference to `f'«»",
  // rustc
  '«r»error[E0308]:«» mismatched types',
  '«m»warning:«» unused variable: `y`',
  '«b» --> m.rs:1:25«»',
  // tsc
  "«b»src/a.ts(3,5):«» «r»error TS2322:«» Type 'string' is not assignable to type 'number'.",
  // Python
  '«b»Traceback (most recent call last):«»',
  '«b»  File "p.py", line 4«», in <module>',
  '«r»ValueError«»: no',
  '«r»json.decoder.JSONDecodeError«»: Expecting value',
  '«r»KeyboardInterrupt«»',
  // make, ninja, cmake
  '«r»make: *** [Makefile:3: a.o] Error 1«»',
  '«r»gmake[2]: *** No rule to make target. Stop.«»',
  '«r»FAILED: a.o«»',
  '«r»ninja: error: loading build.ninja«»',
  '«r»CMake Error at CMakeLists.txt:3 (message):«»',
  '«m»CMake Deprecation Warning at CMakeLists.txt:1«»',
  // A word alone is not enough.
  'gcc -Werror -o error error.c',
  'Checking for errors: none',
  'the docs say that an error: here means nothing',
  'ok 3 - warning is printed',
  'class MyError extends Base',
  'make: Leaving directory',
  'make: *** Waiting for unfinished jobs....',
  '\x1b[1ma.c:3:1:\x1b[0m error: has colours of its own'
    .replaceAll('\x1b[1m', '«b»')
    .replaceAll('\x1b[0m', '«»'),
])
  test(`highlight: ${painted}`, () => {
    const plain = painted.replaceAll(/«\w?»/g, '');
    const own = painted.includes('colours of its own');
    const given = own ? '\x1b[1ma.c:3:1:\x1b[0m error: has colours of its own' : plain;
    assert.equal(readable(highlightLine(given)), painted);
    const text = Buffer.from(`before\n${given}\nafter`);
    assert.equal(readable(highlight(text, NO_ECHOES).toString()), `before\n${painted}\nafter`);
  });

test('highlight: echoed commands are dim, whatever they look like', () => {
  const text = Buffer.from('gcc -c é.c\nx.c:1:1: error: no\ngcc -c b.c\nls error:\n');
  const commands = echoes('gcc -c é.c', 'ls error:');
  assert.equal(
    readable(highlight(text, commands).toString()),
    '«d»gcc -c é.c«»\n«b»x.c:1:1:«» «r»error:«» no\ngcc -c b.c\n«d»ls error:«»\n',
  );
});

test('highlight: blanks, quotes and continued lines of an echo need not be those of the command', () => {
  const many = Array.from({ length: 20 }, (_, i) => `command${i}`);
  for (const more of [[], many, ["'a b' c"]]) {
    const commands = echoes(
      'cc -O2 \'-DX="a b"\' -c a.c',
      'sh link.sh -o demo a.o b.o',
      'for i in 1; \\\n  do x; done',
      ...more,
    );
    const dim = (text: string): string => text.replaceAll(/^.+$/gm, '«d»$&«»');
    for (const command of [
      'cc  -O2\t-DX=\\"a b\\"   -c a.c',
      'cc -O2 -DX=\'"a b"\' -c a.c ',
      'sh link.sh \\\n  -o demo \\\n\ta.o b.o',
      'for i in 1; \\\n  do x; done',
    ])
      assert.equal(
        readable(highlight(Buffer.from(`a\n${command}\nccache\nerror: b\n`), commands).toString()),
        `a\n${dim(command)}\nccache\n«r»error:«» b\n`,
      );
    for (const other of [
      'cc -O2 -c a.c',
      'xcc -O2 -DX="a b" -c a.c',
      'sh link.sh \\\n  -o demo',
      'sh link.sh -o demo \\',
    ])
      assert.equal(readable(highlight(Buffer.from(`${other}\n`), commands).toString()), `${other}\n`);
  }
});

test('highlight: a command may contain empty lines', () => {
  const text = Buffer.from('if a\n\nfi\n');
  const lines = ['if a', '', 'fi'];
  const many = Array.from({ length: 20 }, (_, i) => `command ${i}`);
  for (const commands of [lines, [...lines, ...many]])
    assert.equal(readable(highlight(text, echoes(...commands)).toString()), '«d»if a«»\n\n«d»fi«»\n');
});

test("highlight: a program's colour that goes on over several lines is left alone", () => {
  const error = 'a.c:1:1: error: x\n';
  const painted = '«b»a.c:1:1:«» «r»error:«» x\n';
  for (const [on, off] of [
    ['\x1b[33mbox\n', 'end\x1b[0m\n'],
    ['\x1b[0;1mbox\n', 'end\x1b[m\x1b[K\n'],
    ['\x1b[1m\x1b[38;5;3mbox\n', 'end\x1b[39m\x1b[22m\n'],
  ] as const) {
    const text = Buffer.from(`${error}${on}${error}${off}${error}`);
    assert.equal(
      readable(highlight(text, NO_ECHOES).toString()),
      `${painted}${readable(`${on}${error}${off}`)}${painted}`,
    );
  }
});

test('highlight: no byte is lost, whatever the text', () => {
  const words = [
    'error:',
    'a.c:1:1: ',
    'warning: ',
    '\n',
    '\n',
    '*** ',
    ' ',
    'x',
    '\xff',
    '\0',
    '\r',
    'é',
    '  File "',
    '\\',
    "'",
    'x ',
    'x y',
  ];
  forSeeds(300, (seed) => {
    const random = new Random(seed);
    const pieces = Array.from({ length: random.below(60) }, () => random.pick(words));
    const text = Buffer.from(pieces.join(''), 'latin1');
    const painted = highlight(text, echoes('x', 'x  y', "'x' x"));
    assert.equal(painted.toString('latin1').replaceAll(/\x1b\[[\d;]*m/g, ''), text.toString('latin1'));
    // Everything that is switched on is switched off in its line.
    for (const line of painted.toString('latin1').split('\n'))
      assert.match(line, /^(?:[^\x1b]|\x1b\[[1-9][\d;]*m[^\x1b]*\x1b\[0m)*$/);
  });
});

test('highlight: text without anything to colour is not copied', () => {
  const text = Buffer.from('one\ntwo\nan error: without its newline');
  assert.equal(highlight(text, NO_ECHOES), text);
});
