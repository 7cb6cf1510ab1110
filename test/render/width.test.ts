import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth, elideMiddle, wrapWords } from '../../src/render/width.ts';

for (const [text, width] of [
  ['', 0],
  ['abc', 3],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['漢字', 4],
  ['👩‍🔧', 2],
  ['🇨🇿', 2],
  ['\x1b[1mbold\x1b[m', 4],
] as const) {
  test(`${JSON.stringify(text)} takes ${width} columns`, () => {
    assert.equal(displayWidth(text), width);
  });
}

const digits = '01234567890123456789';

for (const [text, width, elided] of [
  ['short', 80, 'short'],
  ['short', 5, 'short'],
  ['', 0, ''],
  [digits, -1, ''],
  [digits, NaN, ''],
  // As in ninja's elide_middle_test.cc.
  [digits, 0, ''],
  [digits, 1, '.'],
  [digits, 2, '..'],
  [digits, 3, '...'],
  [digits, 4, '...9'],
  [digits, 5, '0...9'],
  [digits, 10, '012...6789'],
  [digits, 19, '01234567...23456789'],
  [digits, 20, digits],
  ['src/networking.o', 12.9, 'src/...ing.o'],
  // Each takes two columns. A character that does not fit is dropped, and its column may be used by the end.
  ['漢字漢字漢字', 12, '漢字漢字漢字'],
  ['漢字漢字漢字', 11, '漢字...漢字'],
  ['漢字漢字漢字', 10, '漢...漢字'],
  ['漢字漢字漢字', 9, '漢...漢字'],
  ['漢字漢字漢字', 6, '...字'],
  ['漢字漢字漢字', 5, '...字'],
  ['漢字漢字漢字', 4, '...'],
  ['漢字漢字漢字', 3, '...'],
  ['漢字漢字漢字', 1, '.'],
  // Never a part of a grapheme.
  ['👩‍🔧👩‍🔧👩‍🔧👩‍🔧', 7, '👩‍🔧...👩‍🔧'],
  ['🇨🇿🇩🇪🇫🇷🇬🇧', 7, '🇨🇿...🇬🇧'],
  ['e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301', 5, 'e\u0301...e\u0301'],
] as const) {
  test(`${JSON.stringify(text)} in ${width} columns is ${JSON.stringify(elided)}`, () => {
    assert.equal(elideMiddle(text, width), elided);
  });
}

test('the result fits at every width, and is the whole text as soon as that fits', () => {
  for (const text of [digits, 'a漢b字c', 'x👩‍🔧y🇨🇿z', 'ääää', 'a\u0301\u0301bcdef', '한글 한글']) {
    const whole = displayWidth(text);
    for (let width = 0; width < whole + 3; width++) {
      const elided = elideMiddle(text, width);
      assert.ok(displayWidth(elided) <= width, `${text} in ${width}: ${elided}`);
      assert.equal(elided === text, width >= whole, `${text} in ${width}: ${elided}`);
    }
  }
});

test('a very long name is elided at once', () => {
  const begin = process.cpuUsage();
  assert.equal(elideMiddle('漢'.repeat(1_000_000), 9), '漢...漢漢');
  const { user, system } = process.cpuUsage(begin);
  assert.ok(user + system < 2_000_000);
});

test('a text is broken between words, and a wide word has a row of its own', () => {
  assert.deepEqual(wrapWords('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapWords('one two three', 13), ['one two three']);
  assert.deepEqual(wrapWords('one two three', 6, '  '), ['one', '  two', '  three']);
  assert.deepEqual(wrapWords('日本語 日本語 日本語', 13), ['日本語 日本語', '日本語']);
  assert.deepEqual(wrapWords('a longerthanall b', 5), ['a', 'longerthanall', 'b']);
  assert.deepEqual(wrapWords('', 5), ['']);
  assert.deepEqual(wrapWords('a b', 0), ['a', 'b']);
});
