// What the benchmarks build and print: made on the spot, the same each time, nobody's code.

import fs from 'node:fs';
import path from 'node:path';
import type { GraphNode } from '../../src/model/graph.ts';
import type { InstanceId, JobId } from '../../src/model/ids.ts';
import { appendGraph } from '../../src/store/graphs.ts';
import { buildFolder, journalFile, logFile, logsFolder, newBuildId } from '../../src/store/layout.ts';
import { JOURNAL, versionFields } from '../../src/record/versions.ts';

/** The least numbers that are good enough: the same sequence on every machine. */
function sequence(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FUNCTIONS = 14;

/**
 * A C file that keeps `cc -O2` busy for some tenths of a second: loops, branches and tables for the optimiser
 * to chew on.
 */
function cSource(number: number): string {
  const next = sequence(number + 1);
  const lines = [
    '#include <stddef.h>',
    '#include <stdint.h>',
    '#include <stdio.h>',
    '#include <string.h>',
    '#include "common.h"',
    '',
  ];
  for (let f = 0; f < FUNCTIONS; f++) {
    const name = `unit${number}_${f}`;
    lines.push(`uint32_t ${name}(const uint32_t *in, size_t n, uint32_t *out) {`);
    lines.push(`\tuint32_t a = ${next(9999)}u, b = ${next(9999)}u, c = ${1 + next(99)}u;`);
    lines.push('\tfor (size_t i = 0; i < n; i++) {', `\t\tswitch (in[i] % ${8 + next(8)}u) {`);
    for (let branch = 0; branch < 8; branch++) {
      const operators = ['+', '^', '*', '-', '|'];
      const operator = (): string => operators[next(operators.length)]!;
      lines.push(
        `\t\tcase ${branch}: a = (a ${operator()} in[i]) ${operator()} ${1 + next(999)}u; b ${operator()}= a >> ${1 + next(15)}; break;`,
      );
    }
    lines.push('\t\tdefault: c += b; break;', '\t\t}');
    lines.push(
      `\t\tfor (unsigned k = 0; k < ${4 + next(12)}u; k++) out[(i + k) % n] ${next(2) ? '+' : '^'}= MIX(a, b + k, c);`,
      '\t}',
    );
    lines.push(
      f > 0 ? `\treturn a ^ unit${number}_${next(f)}(out, n / 2, out);` : '\treturn a ^ b ^ c;',
      '}',
      '',
    );
  }
  return lines.join('\n');
}

/** A project of so many C files, a header they share and a library of them. */
export function compileProject(folder: string, files: number): void {
  const units = writeUnits(folder, files);
  const makefile = [
    'CFLAGS = -O2 -Wall',
    `OBJECTS = ${units.map((unit) => `${unit}.o`).join(' ')}`,
    'libunits.a: $(OBJECTS)',
    '\t$(AR) rcs $@ $(OBJECTS)',
    '$(OBJECTS): common.h',
    'clean:',
    '\t$(RM) libunits.a $(OBJECTS)',
    '.PHONY: clean',
    '',
  ];
  fs.writeFileSync(path.join(folder, 'Makefile'), makefile.join('\n'));
}

const FOLDERS = 40;
const OBJECTS = 38;

/**
 * A project like PostgreSQL's: a make for each folder, long commands, and dependency files that name many
 * headers. Nothing is compiled.
 * @returns how many jobs a build of it has.
 */
export function recursiveProject(folder: string): number {
  const folders = Array.from({ length: FOLDERS }, (_, i) => `src/backend/part${i}`);
  const headers = Array.from({ length: 200 }, (_, i) => `src/include/utils/header${i}.h`);
  for (const name of [...folders, 'src/include/utils'])
    fs.mkdirSync(path.join(folder, name, '.deps'), { recursive: true });
  for (const header of headers) fs.writeFileSync(path.join(folder, header), '');
  const next = sequence(5);
  for (const [i, name] of folders.entries()) {
    const units = Array.from({ length: OBJECTS }, (_, j) => `unit${i}_${j}`);
    for (const unit of units) {
      fs.writeFileSync(path.join(folder, name, `${unit}.c`), '');
      const needs = Array.from({ length: 60 }, () => `../../../${headers[next(headers.length)]!}`);
      const rules = [`${unit}.o: ${unit}.c ${needs.join(' ')}`, ...needs.map((need) => `${need}:`)];
      fs.writeFileSync(path.join(folder, name, `.deps/${unit}.Po`), `${rules.join('\n')}\n`);
    }
    const makefile = [
      'CC = : gcc -Wall -Wmissing-prototypes -Wpointer-arith -Wdeclaration-after-statement -Werror=vla',
      'CFLAGS = -Wendif-labels -Wformat-security -fno-strict-aliasing -fwrapv -O2 -I../../include',
      `OBJS = ${units.map((unit) => `${unit}.o`).join(' ')}`,
      `part.a: $(OBJS)\n\t: ar crs $@ $(OBJS); touch $@`,
      '%.o: %.c\n\t$(CC) $(CFLAGS) -c -o $@ $< -MMD -MP -MF .deps/$(*F).Po; touch $@',
      '-include .deps/*.Po',
    ];
    fs.writeFileSync(path.join(folder, name, 'Makefile'), `${makefile.join('\n')}\n`);
  }
  const top = [
    `all: postgres`,
    `postgres: ${folders.map((name) => `${name}/part.a`).join(' ')}\n\t: gcc -o $@ $^; touch $@`,
    ...folders.map((name) => `.PHONY: ${name}/all\n${name}/all:\n\t$(MAKE) -C ${name} part.a`),
    ...folders.map((name) => `${name}/part.a: ${name}/all ;`),
  ];
  fs.writeFileSync(path.join(folder, 'Makefile'), `${top.join('\n')}\n`);
  return FOLDERS * (OBJECTS + 2) + 1;
}

/** The same for ninja. */
export function ninjaProject(folder: string, files: number): void {
  const objects = writeUnits(folder, files).map((unit) => `${unit}.o`);
  const manifest = `rule cc
  command = cc -O2 -Wall -c $in -o $out
  description = CC $out
rule ar
  command = rm -f $out && ar rcs $out $in
  description = AR $out
${objects.map((object) => `build ${object}: cc ${object.replace(/o$/, 'c')} | common.h\n`).join('')}build libunits.a: ar ${objects.join(' ')}
`;
  fs.writeFileSync(path.join(folder, 'build.ninja'), manifest);
}

/** A cargo workspace: so many libraries, each needed by the next, and nothing from outside. */
export function cargoProject(folder: string, crates: number): void {
  const names = Array.from({ length: crates }, (_, i) => `part${i}`);
  fs.writeFileSync(
    path.join(folder, 'Cargo.toml'),
    `[workspace]\nresolver = "2"\nmembers = ${JSON.stringify(names)}\n`,
  );
  for (const [i, name] of names.entries()) {
    const needs = i === 0 ? '' : `[dependencies]\n${names[i - 1]} = { path = "../${names[i - 1]}" }\n`;
    fs.mkdirSync(path.join(folder, name, 'src'), { recursive: true });
    fs.writeFileSync(
      path.join(folder, name, 'Cargo.toml'),
      `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${needs}`,
    );
    fs.writeFileSync(path.join(folder, name, 'src/lib.rs'), rustSource(i));
  }
}

/** A crate that keeps rustc busy for a second or more. */
function rustSource(number: number): string {
  const next = sequence(number + 1);
  const functions = Array.from({ length: 150 }, (_, f) => {
    const arms = Array.from({ length: 8 }, (_, arm) => `${arm} => x.wrapping_mul(${1 + next(999)}) ^ b,`);
    return `pub fn work_${f}(input: &[u32]) -> Vec<String> {
    let b = ${next(9999)}u32;
    let mut kept: Vec<u32> = input.iter().map(|&x| match x % ${9 + next(8)} { ${arms.join(' ')} _ => x }).collect();
    kept.sort_by_key(|x| x.rotate_left(${1 + next(20)}));
    kept.iter().filter(|&&x| x > b).map(|x| format!("{x:08x} {}", ${next(999)})).collect()
}`;
  });
  const from = number === 0 ? '' : `pub use part${number - 1}::work_0 as before;\n`;
  return `${from}${functions.join('\n')}\n`;
}

/** Generates the sources. @returns their names. */
function writeUnits(folder: string, files: number): string[] {
  const units = Array.from({ length: files }, (_, i) => `unit${i}`);
  for (const [i, unit] of units.entries()) fs.writeFileSync(path.join(folder, `${unit}.c`), cSource(i));
  fs.writeFileSync(
    path.join(folder, 'common.h'),
    '#define MIX(a, b, c) (((a) << 7 ^ (b) >> 3) * (c) + ((a) ^ (b)))\n',
  );
  return units;
}

/** Lines as builds print them: commands, and what compilers say in a UTF-8 locale. */
export function logLines(bytes: number): string {
  const next = sequence(7);
  const parts: string[] = [];
  for (let length = 0; length < bytes;) {
    const file = `src/part${next(90)}/file${next(999)}`;
    const text =
      next(4) > 0
        ? `cc -std=c11 -O2 -g -Wall -Wextra -Iinclude -Isrc -DNDEBUG -c -o ${file}.o ${file}.c\n`
        : `${file}.c:${next(2000)}:${next(80)}: warning: unused variable ‘value${next(50)}’ [-Wunused-variable]\n`;
    parts.push(text);
    length += Buffer.byteLength(text);
  }
  return parts.join('');
}

/**
 * Lines as builds with few warnings print them: commands with `-Werror` and files called error.c, and a
 * warning of three lines in fifty.
 */
export function fewWarnings(bytes: number): string {
  const next = sequence(8);
  const parts: string[] = [];
  for (let length = 0; length < bytes;) {
    const file = `src/part${next(90)}/${next(20) > 0 ? `file${next(999)}` : 'error'}`;
    const line = next(2000);
    const text =
      next(50) > 0
        ? `cc -std=c11 -O2 -g -Wall -Werror=return-type -Iinclude -Isrc -DNDEBUG -c -o ${file}.o ${file}.c\n`
        : `${file}.c:${line}:9: warning: unused variable ‘value’ [-Wunused-variable]\n ${line} |     int value;\n      |         ^~~~~\n`;
    parts.push(text);
    length += Buffer.byteLength(text);
  }
  return parts.join('');
}

/** A command that prints so many bytes, in lines of 100. */
export function commandLines(bytes: number): string {
  const line =
    'src/part/file.c:1234:5: note: in expansion of macro CHECK_RANGE, as the one before and the one after it';
  return `yes '${line.slice(0, 99)}' | head -c ${bytes}`;
}

/** Logs for the jobs of a recorded build. */
export interface RecordedLogs {
  /** How long that of each job is, and that of the last one; in bytes. */
  readonly each: number;
  readonly last: number;
}

/** The last line of the longest log. */
export const LAST_LINE = 'the needle is the last line of all';

/**
 * The record of a build in a store: so many jobs, eight at a time, each of which needs the ten before the
 * last eight.
 * @param logs none: no job printed anything.
 */
export function recordedBuild(
  store: string,
  jobs: number,
  logs: RecordedLogs = { each: 0, last: 0 },
): string {
  const id = '20200101-000000000-abcd';
  const folder = path.join(store, 'builds', id);
  fs.mkdirSync(logsFolder(folder), { recursive: true });
  const status = { exit: 0 };
  const lines: object[] = [
    { e: 'build', v: 1, id, at: 0, argv: ['make', '-j8'], cwd: '', pid: 1 },
    { e: 'tool', t: 0, i: 0, tool: 'make', j: 0, cwd: '', argv: ['make', '-j8'], at: 0 },
    { e: 'goals', i: 0, goals: ['all'] },
  ];
  const all: string[] = [];
  const nodes: GraphNode[] = [{ name: 'all', needs: all, recipe: false, phony: true }];
  const text = Buffer.from(logs.last > 0 ? fewWarnings(4e6) : '');
  let end = 0;
  for (let j = 1; j <= jobs; j++) {
    const t = 10 * j;
    const needs = Array.from({ length: 10 }, (_, k) => j - 8 - k).filter((need) => need > 0);
    const names = needs.map((need) => `out/${need}.o`);
    all.push(`out/${j}.o`);
    nodes.push({ name: `out/${j}.o`, needs: names, recipe: true });
    const list = names.length > 0 ? { needs: names.join(' ') } : {};
    const size =
      text.length === 0
        ? 0
        : j < jobs
          ? writeLines(logFile(folder, j as JobId), text, (j * 997) % (text.length >> 1), logs.each)
          : writeLongLog(logFile(folder, j as JobId), text, logs.last);
    // The recorder records the sizes of logs ten times a second; 4 MB a second is some 45,000 lines.
    const grown: object[] = [];
    for (let at = GROWTH; at < size; at += GROWTH)
      grown.push({ e: 'out', t: t + 100 * (1 + grown.length), sizes: [[j, at]] });
    end = t + 79 + 100 * grown.length;
    lines.push(
      { e: 'start', t, j, name: `out/${j}.o`, parent: 0, at: 0, i: 0, ...list },
      { e: 'step', t, j, s: 0, at: 0, argv: ['cc', '-c', '-o', `out/${j}.o`, `src/${j}.c`] },
      ...grown,
      { e: 'stepend', t: end, j, s: 0, status, user: 70_000, sys: 5000, rss: 40_000 },
      { e: 'end', t: end, j, status, size },
    );
  }
  lines.push({ e: 'end', t: end, j: 0, status, size: 0 }, { e: 'close', t: end, status, jobs, failed: 0 });
  const file = journalFile(folder);
  fs.writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const call = { tool: 'make', cwd: '', argv: ['make', '-j8'], goals: ['all'] };
  appendGraph(folder, 0 as InstanceId, { ...call, nodes });
  return file;
}

/** How much a log grows from one record of its size to the next. */
const GROWTH = 400_000;

/** Writes whole lines of a text, from near an offset on. @returns how many bytes. */
function writeLines(file: string, text: Buffer, at: number, bytes: number): number {
  const from = text.indexOf('\n', at) + 1;
  const lines = text.subarray(from, text.indexOf('\n', from + bytes) + 1);
  fs.writeFileSync(file, lines);
  return lines.length;
}

/** Writes a text again and again, and a last line. @returns how many bytes. */
function writeLongLog(file: string, text: Buffer, bytes: number): number {
  const fd = fs.openSync(file, 'w');
  let written = 0;
  while (written < bytes) written += fs.writeSync(fd, text);
  written += fs.writeSync(fd, `${LAST_LINE}\n`);
  fs.closeSync(fd);
  return written;
}

/** A store with so many finished builds of so many jobs: their journals, no logs. */
export function journalHistory(store: string, builds: number, jobs: number): void {
  const first = Date.UTC(2026, 0, 1);
  for (let i = 0; i < builds; i++) {
    const at = first + i * 60_000;
    const id = newBuildId(new Date(at), '0000');
    const records: object[] = [
      { e: 'build', ...versionFields(JOURNAL), id, at, argv: ['make', '-j8'], cwd: '', pid: 1, ticks: 1 },
      { e: 'tool', t: 0, i: 0, tool: 'make', j: 0, cwd: '', argv: ['make', '-j8'] },
    ];
    for (let j = 1; j <= jobs; j++)
      records.push(
        { e: 'start', t: j, j, name: `src/file${j}.o`, parent: 0, at: 0, i: 0, needs: `src/file${j}.c` },
        { e: 'step', t: j, j, s: 0, at: 0, argv: [`cc -O2 -c -o src/file${j}.o src/file${j}.c`] },
        { e: 'stepend', t: j + 1, j, s: 0, status: { exit: 0 } },
        { e: 'end', t: j + 1, j, status: { exit: 0 }, size: 0 },
      );
    const end = { t: jobs + 1, status: { exit: 0 } };
    records.push({ e: 'end', j: 0, size: 0, ...end }, { e: 'close', ...end, jobs, failed: 0 });
    const folder = buildFolder(store, id);
    fs.mkdirSync(logsFolder(folder), { recursive: true });
    fs.writeFileSync(journalFile(folder), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }
}
