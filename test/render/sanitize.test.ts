import assert from 'node:assert/strict';
import { test } from 'node:test';
import stripAnsi from 'strip-ansi';
import { Sanitizer, type SanitizeMode } from '../../src/render/sanitize.ts';

function sanitized(chunks: readonly Buffer[], mode: SanitizeMode): Buffer {
  const sanitizer = new Sanitizer(mode);
  return Buffer.concat([...chunks.map((chunk) => sanitizer.push(chunk)), sanitizer.flush()]);
}

function single(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

/** Converts each character to one byte. */
function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A small generator of numbers below n, which always gives the same ones. */
function random(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function randomSplit(all: Buffer, below: (n: number) => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < all.length;) {
    const size = below(4) === 0 ? below(20) : below(4);
    chunks.push(all.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const C2 = '\xc2';

for (const [what, input, output] of [
  ['text', 'one\ttwo\r\nthree\n', 'one\ttwo\r\nthree\n'],
  ['C0 controls', 'a\0b\x07c\bd\ve\ff\x0eg\x0fh\x1ai', 'abcdefghi'],
  ['DEL', 'a\x7fb', 'ab'],
  ['cursor movement', 'a\x1b[2Ab\x1b[10;20Hc\x1b[Kd\x1b[2Je', 'abcde'],
  ['private modes', 'a\x1b[?25lb\x1b[?1049hc', 'abc'],
  ['a CSI with intermediate bytes', 'a\x1b[1 qb\x1b[!pc', 'abc'],
  ['an m that is not for colours', 'a\x1b[>4;2mb\x1b[?4mc\x1b[1 md', 'abcd'],
  ['a CSI that the line cuts short', 'a\x1b[31\nb', 'a\nb'],
  ['a CSI cut short by another', 'a\x1b[3\x1b[Kb', 'ab'],
  ['a CSI cut short by a letter that is not ASCII', 'a\x1b[3\xc3\xa4b', 'a\xc3\xa4b'],
  ['a title ended by BEL', 'a\x1b]0;title\x07b', 'ab'],
  ['a title ended by ST', 'a\x1b]0;title\x1b\\b', 'ab'],
  ['a title ended by the C1 ST', `a\x1b]0;t\xc3\x9cle${C2}\x9cb`, 'ab'],
  ['a title ended by CAN', 'a\x1b]0;title\x18b', 'ab'],
  ['a title that does not end', 'a\x1b]0;title\r\nb\n', 'a\r\nb\n'],
  ['the clipboard', 'a\x1b]52;c;cm0gLXJm\x07b', 'ab'],
  ['a hyperlink', '\x1b]8;;file:///a.c\x1b\\a.c:3\x1b]8;;\x1b\\: warning', 'a.c:3: warning'],
  ['a string cut short by a sequence', 'a\x1b]0;title\x1b[Kb', 'ab'],
  ['DCS', 'a\x1bP+q544e\x1b\\b', 'ab'],
  ['DCS is not ended by BEL', 'a\x1bPq\x07q\x1b\\b', 'ab'],
  ['SOS, PM, APC', 'a\x1bXsos\x1b\\b\x1b^pm\x1b\\c\x1b_apc\x1b\\d', 'abcd'],
  ["screen's title", 'a\x1bktitle\x1b\\b', 'ab'],
  ['other escapes', 'a\x1b7b\x1bcc\x1b=d\x1bMe', 'abcde'],
  ['character sets', 'a\x1b(0b\x1b%Gc\x1b#8d', 'abcd'],
  ['an escape cut short', 'a\x1b\nb\x1b(\nc\x1b\xc3\xa4', 'a\nb\nc\xc3\xa4'],
  ['ESC at the end', 'a\x1b', 'a'],
  ['a sequence at the end', 'a\x1b[31', 'a'],
  ['two ESC', 'a\x1b\x1b[Kb', 'ab'],
  ['C1 controls', `a${C2}\x85b${C2}\x84c`, 'abc'],
  ['a C1 CSI', `a${C2}\x9b31mb${C2}\x9b2Jc`, 'abc'],
  ['a C1 OSC', `a${C2}\x9d0;title\x07b`, 'ab'],
  ['a C1 DCS', `a${C2}\x90q${C2}\x9cb`, 'ab'],
  ['a raw CSI', 'a\x9b2Jb\x9b31mc', 'abc'],
  ['a raw CSI after a character cut short', 'a\xe2\x9b2Jb', 'a\xe2b'],
  ['a raw CSI at the end of a character cut short', 'a\xe2\x9b', 'a\xe2'],
  ['0x9b in a letter', '\xc4\x9b \xe2\x9b\x94 \xf0\x9f\x9b\x91', '\xc4\x9b \xe2\x9b\x94 \xf0\x9f\x9b\x91'],
  ['0x9b in an overlong character', 'a\xc1\x9b2Jb', 'a\xc1b'],
  ['UTF-8', 'na\xc3\xafve \xe2\x80\x98x\xe2\x80\x99 \xf0\x9f\x98\x80', undefined],
  ['bytes that are not UTF-8', '\xff\xfe \x93x\x94 \xe4\xf6\xfc \xc3( \xed\xa0\x80 \xf5\x80 \xc2', undefined],
  ['bytes that would form a C1 control', `a${C2}\x07\x90b`, `a${C2}b`],
  ['bidi controls', '\xe2\x80\xae \xe2\x81\xa6', undefined],
] as const) {
  test(`${what} in job output`, () => {
    for (const mode of ['colours', 'strip'] as const) {
      for (const chunks of [[bytes(input)], single(bytes(input))]) {
        assert.equal(sanitized(chunks, mode).toString('latin1'), output ?? input);
      }
    }
  });
}

for (const sgr of [
  '\x1b[m',
  '\x1b[0m',
  '\x1b[1;31m',
  '\x1b[;m',
  '\x1b[38;5;196m',
  '\x1b[38;2;1;2;3m',
  '\x1b[4:3m\x1b[58:2::1:2:3m',
  `\x1b[${'1'.repeat(256)}m`,
]) {
  test(`${JSON.stringify(sgr.slice(0, 30))} is a colour`, () => {
    const input = bytes(`a${sgr}b`);
    for (const chunks of [[input], single(input)]) {
      assert.equal(sanitized(chunks, 'colours').toString('latin1'), `a${sgr}b`);
      assert.equal(sanitized(chunks, 'strip').toString('latin1'), 'ab');
    }
  });
}

test('a colour sequence of more than 256 bytes does not pass', () => {
  const input = bytes(`a\x1b[${'1'.repeat(257)}mb`);
  for (const chunks of [[input], single(input)]) assert.equal(sanitized(chunks, 'colours').toString(), 'ab');
});

test('an unterminated string hides 4 KiB, not more', () => {
  for (const intro of ['\x1b]', '\x1bP', `${C2}\x9f`]) {
    const input = bytes(`a${intro}${'x'.repeat(4096)}shown`);
    for (const chunks of [[input], single(input)])
      assert.equal(sanitized(chunks, 'strip').toString(), 'ashown');
    const whole = bytes(`a${intro}${'x'.repeat(4095)}${C2}\x9cb`);
    for (const chunks of [[whole], single(whole)]) assert.equal(sanitized(chunks, 'strip').toString(), 'ab');
  }
});

test('a clean chunk is passed on itself', () => {
  for (const text of ['', 'gcc -c a.c\n', '\x1b[1mbold\x1b[m ‘naïve’ ✓\n']) {
    const chunk = Buffer.from(text);
    assert.equal(new Sanitizer('colours').push(chunk), chunk);
  }
});

test('the output does not depend on the chunks, and sanitizing it again changes nothing', () => {
  const below = random(2);
  const words = [
    ...[
      '\x1b',
      '\x1b[',
      '\x1b]',
      '\x1bP',
      '\x1b\\',
      '\x07',
      '\n',
      '\r',
      '\x7f',
      '[',
      ']',
      'm',
      'K',
      '31',
      ';',
      '?',
      ' ',
    ],
    ...[
      '\xc2',
      '\x9b',
      '\x9c',
      '\x9d',
      '\x90',
      '\xe2',
      '\x80',
      '\x98',
      '\xf0',
      '\x9f',
      '\xed',
      '\xc3\xa4',
      '\xff',
    ],
    ...['text', '\x1b[1;31m', '\x1b[m', '\x1b]8;;http://x\x1b\\', '\x18', '(', 'x'.repeat(60)],
  ];
  for (let round = 0; round < 20_000; round++) {
    const log = Array.from({ length: below(25) }, () => words[below(words.length)]!).join('');
    for (const mode of ['colours', 'strip'] as const) {
      const whole = sanitized([bytes(log)], mode).toString('latin1');
      const split = sanitized(randomSplit(bytes(log), below), mode).toString('latin1');
      assert.equal(split, whole, JSON.stringify(log));
      assert.equal(sanitized([bytes(whole)], mode).toString('latin1'), whole, JSON.stringify(log));
      const rest = whole.replace(/\x1b\[[0-9;:]*m/g, mode === 'colours' ? '|' : '$&');
      assert.doesNotMatch(rest, /[\0-\x08\v\f\x0e-\x1f\x7f]|\xc2[\x80-\x9f]/, JSON.stringify(log));
    }
  }
});

test('the modes agree except for colours', () => {
  const below = random(3);
  const words = ['\x1b[1m', '\x1b[K', '\x1b]0;t\x07', 'ä', '\x9b', 'x', '\n', '\x1b[', '\x08'];
  for (let round = 0; round < 2000; round++) {
    const log = bytes(Array.from({ length: below(20) }, () => words[below(words.length)]!).join(''));
    const withColours = sanitized([log], 'colours');
    assert.deepEqual(sanitized([withColours], 'strip'), sanitized([log], 'strip'));
  }
});

test('for complete sequences, strip gives the same as strip-ansi', () => {
  const below = random(4);
  const words = [
    ...[
      '\x1b[1;31m',
      '\x1b[m',
      '\x1b[38:5:1m',
      '\x1b[2K',
      '\x1b[?25l',
      '\x1b[10;2H',
      '\x1b[1 q',
      '\u009b31m',
    ],
    ...[
      '\x1b]0;title\x07',
      '\x1b]8;;file:///a\x1b\\',
      '\x1b]0;t\u009c',
      '\x1bPq#\x1b\\',
      '\x1b_apc\x1b\\',
      '\x1b(B',
    ],
    ...['\x1b7', '\x1bM', 'text', 'ěšč', '漢字', '👩‍🔧', '\n', '\t', 'm', '31', '[', ']', ';'],
  ];
  for (let round = 0; round < 5000; round++) {
    const log = Array.from({ length: below(25) }, () => words[below(words.length)]!).join('');
    const chunks = randomSplit(Buffer.from(log), below);
    assert.equal(sanitized(chunks, 'strip').toString(), stripAnsi(log), JSON.stringify(log));
  }
});

test('the time for lines of many megabytes is proportional to their length', () => {
  const size = 1 << 16;
  for (const unit of [
    'x',
    '\x1b',
    '\x1b[',
    '\x1b]',
    '\x1b[1;',
    '\x07a',
    '\x9b',
    '\xc2',
    '\xe2\x80',
    '\x1bP\x1b',
  ]) {
    const chunk = Buffer.alloc(size, unit, 'latin1');
    const sanitizer = new Sanitizer('colours');
    const begin = process.cpuUsage();
    for (let i = 0; i < 160; i++) sanitizer.push(chunk);
    sanitizer.flush();
    // 10 MB takes some 0.1 s; quadratic time would be minutes.
    const { user, system } = process.cpuUsage(begin);
    assert.ok(user + system < 5_000_000, JSON.stringify(unit));
  }
});

test('after flush the sanitizer starts afresh', () => {
  const sanitizer = new Sanitizer('colours');
  sanitizer.push(bytes('a\x1b]0;title'));
  sanitizer.flush();
  assert.equal(sanitizer.push(bytes('text')).toString(), 'text');
});
