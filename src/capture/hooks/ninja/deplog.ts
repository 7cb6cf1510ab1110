// Reads ninja's dep log, .ninja_deps: the headers that compilers reported, by output. ninja's deps_log.cc has
// the format; samurai writes the same. Pure.

const SIGNATURE = '# ninjadeps\n';
/** The bit of a record's size that tells inputs from a path. */
const IS_INPUTS = 0x80000000;

/**
 * The inputs that compilers reported, by output. Scans the file once, and decodes only what is asked for.
 */
export class DepLog {
  readonly #bytes: Buffer;
  readonly #paths: { readonly at: number; readonly size: number }[] = [];
  /** The last record of each output. */
  readonly #inputs = new Map<number, { readonly at: number; readonly size: number }>();
  /** The size in bytes of what precedes the inputs in a record: the output and its time. */
  #head = 0;
  #ids: Map<string, number> | undefined;

  /**
   * @param bytes the file. The log is empty if they have another version; a record that is cut short is left
   *   out.
   */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const start = SIGNATURE.length + 4;
    if (bytes.length < start || bytes.toString('latin1', 0, SIGNATURE.length) !== SIGNATURE) return;
    const version = bytes.readInt32LE(SIGNATURE.length);
    if (version !== 3 && version !== 4) return;
    this.#head = version === 3 ? 8 : 12;
    for (let at = start; at + 4 <= bytes.length;) {
      const word = bytes.readUInt32LE(at);
      const size = word >= IS_INPUTS ? word - IS_INPUTS : word;
      at += 4;
      if (at + size > bytes.length || size < 4) break;
      if (word >= IS_INPUTS) this.#inputs.set(bytes.readInt32LE(at), { at, size });
      else this.#paths.push({ at, size: size - 4 });
      at += size;
    }
  }

  /** The inputs of an output by ninja's names; none if it has no record. */
  of(output: string): string[] {
    this.#ids ??= new Map(this.#paths.map((_, id) => [this.#path(id), id]));
    const record = this.#inputs.get(this.#ids.get(output) ?? -1);
    if (!record) return [];
    const inputs: string[] = [];
    for (let at = record.at + this.#head; at + 4 <= record.at + record.size; at += 4) {
      const input = this.#path(this.#bytes.readInt32LE(at));
      if (input !== '') inputs.push(input);
    }
    return inputs;
  }

  #path(id: number): string {
    const record = this.#paths[id];
    if (!record) return '';
    // Zeros fill the path up to a multiple of four.
    return this.#bytes.toString('utf8', record.at, record.at + record.size).replace(/\0+$/, '');
  }
}
