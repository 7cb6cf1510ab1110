// The configuration: valid members are used, invalid ones are reported with their lines.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { parseConfig, readConfig } from '../../src/store/config.ts';
import { configFile } from '../../src/store/place.ts';
import { DEFAULT_KEEP } from '../../src/store/retention.ts';
import { Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});

test('comments, trailing commas and a byte order mark are accepted', () => {
  const { keep, problems, errors } = parseConfig(
    '\ufeff{\n  // for bisecting\n  "keep": {"builds": 100, "bytes": "10GB", "auto": false,}, /* and */\n  "problems": {"a": [1]},\n}\n',
    'F',
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(keep, { builds: 100, bytes: 10e9, auto: false });
  assert.deepEqual(problems, { a: [1] });
});

test('no file and an empty object give the defaults', () => {
  const none = { root: box.path('none'), store: box.path('none/.loglin') };
  assert.deepEqual(readConfig(none).keep, DEFAULT_KEEP);
  assert.deepEqual(readConfig(none).errors, []);
  assert.deepEqual(parseConfig('{}', 'F').keep, DEFAULT_KEEP);
  assert.equal(parseConfig('{}', 'F').problems, undefined);
});

test('hideSilent is true, false, or unset', () => {
  assert.equal(parseConfig('{}', 'F').hideSilent, undefined);
  assert.equal(parseConfig('{"hideSilent":true}', 'F').hideSilent, true);
  assert.equal(parseConfig('{"hideSilent":false}', 'F').hideSilent, false);
  const { hideSilent, errors } = parseConfig('{"hideSilent":"no"}', 'F');
  assert.equal(hideSilent, undefined);
  assert.deepEqual(errors, ['F:1: hideSilent: want true or false, found "no"']);
});

test('an invalid value is reported with its line, the expected and the actual value, and the default is used', () => {
  const { keep, errors } = parseConfig(
    `{
  "keep": {
    "builds":
      "x",
    "bytes": "much",
    "auto": 1,
    "buids": 3
  },
  "Keep": {},
  "entirely-else": {},
  "\\u001b[31m": 1
}
`,
    'F',
  );
  assert.deepEqual(keep, DEFAULT_KEEP);
  assert.deepEqual(errors, [
    'F:9: Keep: no such key; nearest: keep',
    'F:10: entirely-else: no such key; known: keep, problems, workspace, hideSilent, watch, remotes, project, push, redact, otlp',
    String.raw`F:11: "\u001b[31m": no such key; known: keep, problems, workspace, hideSilent, watch, remotes, project, push, redact, otlp`,
    'F:7: keep.buids: no such key; nearest: builds',
    'F:3: keep.builds: want a whole number, found "x"',
    'F:5: keep.bytes: want a size like "2GiB", found "much"',
    'F:6: keep.auto: want true or false, found 1',
  ]);
});

test('numbers that are no count of builds or bytes are errors', () => {
  for (const builds of ['-1', '1.5', '1e300', 'null', '[]', 'true'])
    assert.deepEqual(parseConfig(`{"keep":{"builds":${builds}}}`, 'F').errors.length, 1, builds);
  assert.equal(parseConfig('{"keep":{"builds":0,"bytes":0}}', 'F').errors.length, 0);
});

test('invalid JSON is one error with line and column', () => {
  for (const [text, error] of [
    ['{\n  "keep": {,}\n}', 'F:2: want JSON, found unexpected token Comma at column 12'],
    ['{\n"keep": nope}', "F:2: want JSON, found unexpected identifier 'nope' at column 9"],
    ['\x1b', String.raw`F:1: want JSON, found unexpected character '\x1b' at column 1`],
    ['{\n"keep":\n', 'F:2: want JSON, found the end of the file'],
    ['', 'F:1: want JSON, found the end of the file'],
    ['[]', 'F:1: want an object, found []'],
    ['{"keep": 7}', 'F:1: keep: want an object, found 7'],
  ] as const)
    assert.deepEqual(parseConfig(text, 'F').errors, [error]);
  assert.deepEqual(parseConfig('['.repeat(500_000), 'F').errors, ['F: nested too deeply']);
});

test('a long value is abbreviated in the error', () => {
  const [error = ''] = parseConfig(`{"keep":{"builds":"${'y'.repeat(5000)}"}}`, 'F').errors;
  assert.ok(error.length < 150 && error.endsWith('…'), error);
});

test('a path has a line even without a value, and the last of two equal members counts', () => {
  const config = parseConfig(
    '{\n"problems": {\n  "list": [\n    1,\n    {"re": 2}\n  ]\n},\n"keep": {},\n"keep": {}\n}',
    'F',
  );
  assert.equal(config.line([]), 1);
  assert.equal(config.line(['problems']), 2);
  assert.equal(config.line(['problems', 'list', 0]), 4);
  assert.equal(config.line(['problems', 'list', 1, 're']), 5);
  assert.equal(config.line(['problems', 'list', 1, 'missing']), 5);
  assert.equal(config.line(['problems', 'list', 9]), 3);
  assert.equal(config.line(['keep']), 9);
  assert.equal(
    config.complaint(['problems', 'list', 1, 're'], 'want a string, found 2'),
    'F:5: problems.list[1].re: want a string, found 2',
  );
});

test('a member named __proto__ is an ordinary member', () => {
  const { problems } = parseConfig('{"problems":{"__proto__":{"x":1}}}', 'F');
  assert.deepEqual(Object.keys(problems as object), ['__proto__']);
});

test('a file that cannot be read is an error, not a failure', () => {
  const place = { root: box.path('project'), store: box.path('project/.loglin') };
  const file = configFile(place);
  assert.equal(file, box.path('project/.loglin.json'));
  fs.mkdirSync(file, { recursive: true });
  assert.deepEqual(readConfig(place).errors, [`${file}: not a file`]);
  fs.rmdirSync(file);
  fs.writeFileSync(file, ' '.repeat(2 ** 20 + 1));
  assert.deepEqual(readConfig(place).errors, [`${file}: 1048577 bytes, want 1048576 at most`]);
  fs.writeFileSync(file, '{"keep":{"builds":3}}');
  assert.deepEqual(readConfig(place).keep, { ...DEFAULT_KEEP, builds: 3 });
});

test('the old place in the store is read as long as there is no file at the root', () => {
  const place = { root: box.path('older'), store: box.path('older/.loglin') };
  box.write('older/.loglin/config.json', '{"keep":{"builds":4}}');
  assert.equal(readConfig(place).keep.builds, 4);
  box.write('older/.loglin.json', '{"keep":{"builds":5}, "workspace": true}');
  assert.equal(readConfig(place).keep.builds, 5);
  assert.deepEqual(readConfig(place).errors, []);
  box.write('older/.loglin.json', '{"workspace": "yes"}');
  assert.deepEqual(readConfig(place).errors, [
    `${box.path('older/.loglin.json')}:1: workspace: want true or false, found "yes"`,
  ]);
});
