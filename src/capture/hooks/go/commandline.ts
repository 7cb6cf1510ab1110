// Reads the command line of `go test`: which package is tested, if it is one. Pure, but for the module's
// name.

import fs from 'node:fs';
import path from 'node:path';
import { type GoModule, moduleAt } from '../../gomodule.ts';
import { LONGEST_FOLDER } from '../../wire.ts';

/** The flags that take a value as the next word (go help test, testflag, build). */
const VALUED = new Set(
  (
    'run bench benchtime blockprofile blockprofilerate count coverprofile coverpkg covermode cpu cpuprofile fuzz ' +
    'fuzztime fuzzminimizetime list memprofile memprofilerate mutexprofile mutexprofilefraction outputdir ' +
    'parallel shuffle skip timeout trace vet p asmflags buildmode compiler exec gccgoflags gcflags installsuffix ' +
    'ldflags mod modfile o overlay pkgdir tags toolexec C'
  ).split(' '),
);

/** Does this command test Go packages? */
export function isGoTest(argv: readonly string[]): boolean {
  return path.basename(argv[0] ?? '') === 'go' && argv[1] === 'test';
}

/** Are events printed in place of text? */
export function printsEvents(argv: readonly string[]): boolean {
  return argv.some((word) => /^--?json(?:=true|=1)?$/.test(word));
}

/**
 * The import path of the only package that is tested, whose output go prints as it comes; undefined if there
 * are others, or it cannot be told.
 */
export function onlyPackage(argv: readonly string[], cwd: string): string | undefined {
  const words: string[] = [];
  for (let i = 2; i < argv.length; i++) {
    const word = argv[i] ?? '';
    const flag = /^--?([^=]+)(=?)/.exec(word);
    if (word === '-args' || word === '--args') break;
    if (!flag) words.push(word);
    else if (flag[1] === 'C') return undefined;
    else if (flag[2] === '' && VALUED.has((flag[1] ?? '').replace(/^test\./, ''))) i++;
  }
  const [word = '.', other] = words;
  if (other !== undefined || !/^\.{0,2}(?:\/|$)/.test(word) || word.includes('...') || cwd === '')
    return undefined;
  const folder = path.resolve(cwd, word);
  const module = moduleAround(folder, (at) => at);
  return module && path.posix.join(module.name, path.relative(module.folder, folder));
}

/** The module around a folder, with its folder as it is to be shown. */
export function moduleAround(folder: string, shown: (folder: string) => string): GoModule | undefined {
  if (folder.length > LONGEST_FOLDER) return undefined;
  for (let at = folder; at !== '' && at !== path.dirname(at); at = path.dirname(at))
    if (fs.existsSync(path.join(at, 'go.mod'))) return moduleAt(at, shown(at));
  return undefined;
}
