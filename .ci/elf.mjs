// Reads from an ELF file for which machine it is, and which libraries it needs to be loaded there.
import { readFileSync } from 'node:fs';

const MACHINES = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_VERNEED = 0x6ffffffe;

/**
 * Reads a 64-bit little-endian file.
 * @param {string} file
 * @returns {{ machine: string, interpreter: string | undefined, needed: string[], versions: boolean }}
 *   machine: as process.arch has it; interpreter: the dynamic loader it asks for; needed: the libraries;
 *   versions: whether it asks for versions of symbols
 * @throws Error on any other file
 */
export function readElf(file) {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF' || bytes[4] !== 2 || bytes[5] !== 1)
    throw new Error(`${file}: not a 64-bit little-endian ELF file`);
  const number = (/** @type {number} */ at) => Number(bytes.readBigUInt64LE(at));
  const text = (/** @type {number} */ at) => bytes.toString('latin1', at, bytes.indexOf(0, at));

  const size = bytes.readUInt16LE(54);
  const segments = Array.from({ length: bytes.readUInt16LE(56) }, (_, i) => {
    const at = number(32) + i * size;
    return {
      type: bytes.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      length: number(at + 32),
    };
  });
  const found = (/** @type {number} */ type) => segments.find((segment) => segment.type === type);

  /** @type {{ tag: number, value: number }[]} */
  const entries = [];
  const dynamic = found(PT_DYNAMIC);
  if (dynamic)
    for (let at = dynamic.offset; at < dynamic.offset + dynamic.length && number(at) !== 0; at += 16)
      entries.push({ tag: number(at), value: number(at + 8) });
  const strings = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
  const loaded = segments.find(
    ({ type, address, length }) => type === PT_LOAD && strings >= address && strings < address + length,
  );
  const table = loaded ? strings - loaded.address + loaded.offset : 0;
  const interpreter = found(PT_INTERP);
  const machine = bytes.readUInt16LE(18);
  return {
    machine: MACHINES.get(machine) ?? String(machine),
    interpreter: interpreter && text(interpreter.offset),
    needed: entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => text(table + value)),
    versions: entries.some(({ tag }) => tag === DT_VERNEED),
  };
}
