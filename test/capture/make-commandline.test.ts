import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSilentMake, readCommandLine } from '../../src/capture/hooks/make/commandline.ts';

const read = (line: string): unknown => readCommandLine(['make', ...line.split(' ').filter(Boolean)]);

test('goals are the words that are neither options, nor their values, nor variables', () => {
  const cases: [string, string, string[]][] = [
    ['', '', []],
    ['-j 4 all', '', ['all']],
    ['-j all', '', ['all']],
    ['-j4 -k -C sub -f other.mk V=1 a b', 'sub', ['a', 'b']],
    ['-kC sub -Cdeeper', 'sub/deeper', []],
    ['-C sub -C /else', '/else', []],
    ['--directory=sub --file x.mk --jobs 3 --output-sync=line a', 'sub', ['a']],
    ['-Otarget -l 2.5 -I inc -W new -o old -E x:=1 a', '', ['a']],
    ['-sj8 --no-print-directory a -- -b X=1', '', ['a', '-b']],
  ];
  for (const [line, folder, goals] of cases)
    assert.deepEqual(
      read(line),
      { folder, goals, idle: false, asks: false, silent: line.startsWith('-s') },
      `make ${line}`,
    );
});

test('what does nothing but answer; what is silent', () => {
  const of = (line: string): ReturnType<typeof readCommandLine> =>
    readCommandLine(['make', ...line.split(' ')]);
  for (const line of ['-n', '-kn', '-q', '--recon', '--version', '--help', '-v', '-C sub -n all'])
    assert.equal(of(line).asks, true, line);
  for (const line of ['-t', '-f n', '-fn', '-C v', '-j4', '-d', '-Oline', 'help', '-- -n'])
    assert.equal(of(line).asks, false, line);
  for (const line of ['-s', '-ks', '--quiet', '--silent -j4', '--no-silent -s'])
    assert.equal(of(line).silent, true, line);
  for (const line of ['-f s', '-Cs', '-s --no-silent', '-Os', 's', '-- -s'])
    assert.equal(of(line).silent, false, line);
});

test('what makes nothing', () => {
  for (const line of ['-n', '-kq', '-t', '--dry-run all', '--version', '-h', '-sn -j4'])
    assert.equal(readCommandLine(['make', ...line.split(' ')]).idle, true, line);
  for (const line of ['-f n.mk', '-Cn', '-j2 n'])
    assert.equal(readCommandLine(['make', ...line.split(' ')]).idle, false, line);
});

test('a silent make: by its options, by its environment, behind env and nice', () => {
  const is = (line: string, env: Record<string, string> = {}): boolean => isSilentMake(line.split(' '), env);
  for (const line of ['make -s', '/usr/bin/gmake -sj4 all', 'env CC=clang make -s', 'nice -n 5 make --quiet'])
    assert.equal(is(line), true, line);
  for (const line of ['make', 'make -s --no-silent', 'ninja -s', 'sh make -s', 'env -s echo', 'env', ''])
    assert.equal(is(line), false, line);
  for (const flags of ['s', 'ks', 'ks -j4', ' -s', '-k --silent', 'rRs -- V=1', '--no-print-directory -s'])
    for (const name of ['MAKEFLAGS', 'GNUMAKEFLAGS']) {
      assert.equal(is('make -j4', { [name]: flags }), true, flags);
      assert.equal(is('make --no-silent', { [name]: flags }), false, flags);
      assert.equal(is('ninja', { [name]: flags }), false, flags);
    }
  for (const flags of ['', 'k', 'V=s', ' -- s', '-j4 -- -s'])
    assert.equal(is('make -j4 all', { MAKEFLAGS: flags }), false, flags);
  assert.equal(is('env MAKEFLAGS=ks make', { MAKEFLAGS: '' }), true);
  assert.equal(is('env MAKEFLAGS=k make', { MAKEFLAGS: 's' }), false);
});
