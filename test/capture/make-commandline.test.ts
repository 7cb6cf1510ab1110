import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/capture/hooks/make/commandline.ts';

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
