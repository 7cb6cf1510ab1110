// What is taken out of bytes that leave the machine, and what stays.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redactor, redactJson, redactText, secretsFrom, secretsOf } from '../../src/store/redact.ts';
import { Random } from '../rig/seeded.ts';

/** All of a text, in pieces of these lengths. */
function inPieces(
  text: string | Buffer,
  secrets: Parameters<typeof redactText>[1],
  next: () => number,
): string {
  const bytes = Buffer.from(text as string);
  const redactor = new Redactor(secrets);
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Math.max(1, next());
    out.push(redactor.push(bytes.subarray(at, at + length)));
    at += length;
  }
  out.push(redactor.end());
  return Buffer.concat(out).toString();
}

test('secrets are what variables with such names hold, if it is long enough', () => {
  const env = {
    DB_PASSWORD: 'password1',
    GITHUB_TOKEN: 'ghp_0123456789',
    aws_secret_access_key: 'abcdefgh',
    AZURE_CONNECTION_STRING: 'Endpoint=x',
    TOKEN: 'tokentoken',
    SHORT_TOKEN: 'abcde',
    PATH: '/usr/bin:/bin',
    TOKENIZER: 'wordpiece',
    EMPTY_SECRET: '',
  };
  assert.deepEqual(secretsOf(env), ['password1', 'ghp_0123456789', 'abcdefgh', 'Endpoint=x', 'tokentoken']);
});

test('a value is covered in the same length, as it is, in JSON, in URLs and in base64', () => {
  const value = 'p"ss/wörd+1';
  const secrets = secretsFrom([value], []);
  const forms = [
    value,
    JSON.stringify(value),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    Buffer.from(`user:${value}`).toString('base64'),
    Buffer.from(`u:${value}@host`).toString('base64'),
    Buffer.from(`us:${value}!`).toString('base64url'),
  ];
  for (const form of forms) {
    const text = `before ${form} after\n`;
    const clean = redactText(text, secrets);
    assert.equal(Buffer.byteLength(clean), Buffer.byteLength(text), form);
    assert.match(clean, /^before .*\[redacted\**\].* after\n$/, form);
    const inner = form.slice(4, -4);
    assert.ok(!clean.includes(inner), `${clean} has ${inner}`);
  }
});

test('a short value becomes stars, and newlines of a key in several lines stay', () => {
  assert.equal(redactText('x secret1 y', secretsFrom(['secret1'], [])), 'x ******* y');
  const key = '-----BEGIN KEY-----\nabcdefghijkl\n-----END KEY-----';
  const clean = redactText(`a\n${key}\nb\n`, secretsFrom([key], []));
  assert.equal(clean.split('\n').length, 6);
  assert.ok(!/BEGIN|abc|END/.test(clean), clean);
});

test('in whatever pieces the bytes come, the same is covered', () => {
  const random = new Random(7);
  const values = ['hunter2hunter2', 'tokentokentoken', 'x'.repeat(300)];
  const secrets = secretsFrom(values, ['key=\\w+']);
  let text = '';
  for (let i = 0; i < 400; i++) text += `${'abc '.repeat(i % 5)}${values[i % 3]!} key=abc${i} \n`;
  const whole = redactText(text, secrets);
  assert.ok(!/hunter2|tokentoken|xxx|key=abc/.test(whole), whole.slice(0, 500));
  for (let i = 0; i < 20; i++)
    assert.equal(
      inPieces(text, secrets, () => random.below(700)),
      whole,
    );
  assert.equal(
    inPieces(text.slice(0, 3000), secrets, () => 1),
    redactText(text.slice(0, 3000), secrets),
  );
});

test("the project's patterns match within a line", () => {
  const secrets = secretsFrom([], ['sk-[a-z0-9]{8,}', 'geheim: .*']);
  assert.equal(
    redactText('a sk-12345678ab b\nDas ist geheim: übel\nsk-123\n', secrets),
    'a [redacted***] b\nDas ist [redacted***]\nsk-123\n',
  );
});

test('a line of JSON stays one: only its strings are touched', () => {
  const secrets = secretsFrom(['status', '"e":"start"', 'hunter2"x'], []);
  const line = JSON.stringify({
    e: 'start',
    name: 'status',
    argv: ['echo', 'hunter2"x'],
    status: { exit: 1 },
  });
  assert.deepEqual(JSON.parse(redactJson(line, secrets)), {
    e: 'start',
    name: '******',
    argv: ['echo', '*********'],
    status: { exit: 1 },
  });
  const clean = '{"e":"end","t":1.50}';
  assert.equal(redactJson(clean, secrets), clean, 'what has none is not written anew');
});

test('without secrets, all stays as it is', () => {
  const bytes = Buffer.from([0, 255, 10, 13, 27]);
  const redactor = new Redactor(secretsFrom([], []));
  assert.deepEqual(Buffer.concat([redactor.push(bytes), redactor.end()]), bytes);
});
