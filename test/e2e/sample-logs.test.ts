// The recorded builds in sample-logs/ open and show what was built: stores that another machine made, read
// only.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LOGLIN } from '../rig/twin.ts';

const SAMPLES = path.join(import.meta.dirname, '../../sample-logs');

function loglin(...args: string[]): { status: number | null; out: string; err: string } {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C.UTF-8' };
  for (const name of Object.keys(env)) if (/^(LOGLIN|NO_COLOR|FORCE_COLOR)/.test(name)) env[name] = undefined;
  const { status, stdout, stderr } = spawnSync(LOGLIN, args, { cwd: SAMPLES, env, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

function show(...args: string[]): string {
  const { status, out, err } = loglin('show', ...args);
  assert.deepEqual({ status, err }, { status: 0, err: '' }, `show ${args.join(' ')}`);
  return out;
}

function filesOf(store: string): string[] {
  return fs
    .readdirSync(path.join(SAMPLES, store), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const names = (headers: string): string[] =>
  headers
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace('▸ ', ''));

for (const store of ['lua', 'lz4', 'zlib'])
  void describe(`sample-logs/${store}`, () => {
    const builds = fs.readdirSync(path.join(SAMPLES, store, 'builds')).sort();

    void it('time: the jobs on the critical path really followed one another, and make up the whole build with their waits', () => {
      for (const build of builds) {
        const { status, out, err } = loglin('time', '--json', '--store', store, '-b', build);
        assert.deepEqual({ status, err }, { status: 0, err: '' });
        const records = out
          .trimEnd()
          .split('\n')
          .map(
            (line) =>
              JSON.parse(line) as Record<'at' | 'ms' | 'waited' | 'least' | 'to', number> & { type: string },
          );
        const path = records.filter(({ type }) => type === 'path');
        let end = 0;
        for (const { at, ms, waited } of path) {
          assert.ok(at >= end && waited <= at - end);
          end = at + ms;
        }
        const sum = (of: 'ms' | 'waited'): number => path.reduce((all, piece) => all + piece[of], 0);
        assert.equal(sum('ms'), records[0]?.least);
        assert.equal(sum('ms') + sum('waited'), records[0]?.to);
      }
    });

    void it('lists its builds, all of them good', () => {
      const { status, out } = loglin('ls', '--json', '--store', store);
      assert.equal(status, 0);
      const listed = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string });
      assert.deepEqual(listed.map(({ id }) => id).sort(), builds);
    });

    void it('shows the failed jobs of the last build', () => {
      const failed = names(show('--failed', '--no-details', '--store', store)).map((line) => line.trim());
      assert.deepEqual(failed, store === 'lua' ? ['loslib.o', '✗ loslib.o (exit 1)'] : []);
    });

    void it('prints every byte of every log once with --raw', () => {
      for (const id of builds) {
        const logs = filesOf(store).filter((file) => file.includes(`/${id}/logs/`));
        const written = logs.map((file) => fs.readFileSync(file, 'utf8').split('\n')).flat();
        const shown = show('--raw', '--store', store, '-b', id).split('\n');
        const lines = (all: string[]): string[] => all.filter((line) => line !== '').sort();
        assert.deepEqual(lines(shown), lines(written));
      }
    });

    void it('is unchanged after it was read', () => {
      const before = filesOf(store).map((file) => [file, fs.statSync(file).mtimeMs]);
      show('--store', store);
      loglin('ls', '--store', store);
      assert.deepEqual(
        filesOf(store).map((file) => [file, fs.statSync(file).mtimeMs]),
        before,
      );
    });

    void it('names no folder except the one it was built in, and is small', () => {
      let size = 0;
      for (const file of filesOf(store)) {
        const text = fs.readFileSync(file, 'utf8');
        size += text.length;
        // A word that looks like an absolute path, also in -I/x and "/x.
        for (const [, folder] of text.matchAll(/(?<![\w.)*/-])(\/[a-z]+\/[\w.-]+)/g))
          assert.match(folder ?? '', new RegExp(`^/(tmp/${store}$|usr/|bin/sh$|dev/null$)`), file);
        assert.doesNotMatch(text, /\/(root|home|Users|work)\b/, file);
      }
      assert.ok(size < 200_000, `${size} bytes`);
    });
  });

void it('zlib: jobs stand below the jobs that need them, in the order of the needs', () => {
  const headers = names(show('--no-details', '--store', 'zlib'));
  assert.deepEqual(headers.slice(0, 6), [
    'example',
    '  example.o',
    '  libz.a',
    '    adler32.o',
    '    crc32.o',
    '    deflate.o',
  ]);
  assert.deepEqual(headers.slice(-3), ['teststatic', 'testshared', 'test64']);
  assert.equal(headers.length, 45);
});

void it("zlib: a test's output is shown by the test's name", () => {
  const out = show('--store', 'zlib', 'testshared');
  assert.match(out, /^▸ testshared\n/);
  assert.ok(out.includes('uncompress(): hello, hello!\n'), out);
  assert.ok(out.endsWith('\t\t*** zlib shared test OK ***\n'), out);
});

void it('lz4: the jobs of a make stand below the recipe that ran it', () => {
  const headers = names(show('--no-details', '--store', 'lz4', '-b', '-1'));
  assert.deepEqual(headers.slice(0, 10), [
    'lib',
    '  liblz4.a',
    '    lib/liblz4.a',
    '  lib/liblz4.so.1.9.4',
    'lz4',
    '  programs/lz4',
    '    programs/bench.o',
    '    programs/datagen.o',
    '    programs/lz4cli.o',
    '    programs/lz4io.o',
  ]);
  assert.equal(headers.length, 36);
  const manuals = show('--store', 'lz4', '-b', '-1', 'manuals');
  assert.match(manuals, /^▸ manuals\nmake\[1\]: Entering directory '\/tmp\/lz4\/contrib\/gen_manual'\n/);
  assert.match(
    manuals,
    /\n▸ manuals \(resumed\)\nmake\[1\]: Leaving directory '\/tmp\/lz4\/contrib\/gen_manual'\n$/,
  );
});

void it('lz4: the second build has only the targets that a touched header made old', () => {
  const headers = names(show('--no-details', '--store', 'lz4')).map((line) => line.trim());
  assert.ok(headers.includes('tests/lz4hc.o') && headers.includes('tests/fuzzer'), headers.join(' '));
  assert.ok(!headers.includes('tests/lz4.o') && !headers.includes('programs/bench.o'), headers.join(' '));
});

void it('lua: the problems of its last build are found', () => {
  const { out } = loglin('problems', '--store', 'lua');
  assert.deepEqual(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ', 2).join(': ')),
    ['loslib.c:195:3: error', 'lstrlib.c:130:21: warning', 'lstrlib.c:126:7: warning'],
  );
});
