// Foreign text made printable for a line and for JSON.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeLines, escapeName, jsonText } from '../../src/model/printable.ts';
import { HOSTILE } from '../rig/hostile.ts';

for (const [name, shown] of [
  ['src/server.o', 'src/server.o'],
  ['naïve/漢字 👩‍🔧.o', 'naïve/漢字 👩‍🔧.o'],
  ['❤️ 👍🏽 👩‍❤️‍👨 ©', '❤️ 👍🏽 👩‍❤️‍👨 ©'],
  ['می‌خواهم क्‍ष', 'می‌خواهم क्‍ष'],
  ['葛\u{e0100}城', '葛\u{e0100}城'],
  ['a\\b', 'a\\b'],
  ['\x1b[31mred', '\\x1b[31mred'],
  ['two\nlines\r\tx', 'two\\nlines\\r\\tx'],
  ['\0\x7f\u009b2J', '\\x00\\x7f\\x9b2J'],
  ['a\u202eb\u2066c\u200f\u061c', 'a\\u202eb\\u2066c\\u200f\\u061c'],
  ['a\u2028b', 'a\\u2028b'],
  ['a\ud800b', 'a\\ud800b'],
  ['a\u200bb\u200cc\u200dd\ufeff\u00ad\u2060', 'a\\u200bb\\u200cc\\u200dd\\ufeff\\xad\\u2060'],
  ['x\ufe0f 1\u3164', 'x\\ufe0f 1\\u3164'],
  ['\u{e0041}', '\\u{e0041}'],
  ['', ''],
] as const) {
  test(`the name ${JSON.stringify(name)} is shown as ${shown}`, () => {
    assert.equal(escapeName(name), shown);
    assert.equal(escapeName(shown), shown, 'twice is as once');
  });
}

test('invisible and control characters are escaped, and all others stay', () => {
  const nothing = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const shown = escapeName(`a${character}`).slice(1);
    if (nothing.test(character))
      assert.match(shown, /^\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\})$/);
    else assert.equal(shown, character);
  }
});

test('text of several lines keeps its lines', () => {
  assert.equal(escapeLines('a\x1b\n\tb\r\n'), 'a\\x1b\n\\tb\\r\n');
});

test('JSON parses to what was written and has no control characters', () => {
  for (const name of HOSTILE) {
    const text = jsonText({ name });
    assert.deepEqual(JSON.parse(text), { name });
    assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u, name);
  }
  assert.equal(jsonText({ a: 'é漢👩‍🔧' }), '{"a":"é漢👩‍🔧"}');
});

test('a character is escaped alike wherever it stands', () => {
  for (let code = 0; code < 0x10000; code++) {
    const character = String.fromCharCode(code);
    // Behind a control character, no short way is taken.
    assert.equal(`\\x01 ${escapeName(character)}`, escapeName(`\x01 ${character}`), code.toString(16));
  }
});
