// The head of a shared build's record, one object: a line of 64 bytes with the lengths of what follows it,
// then the journal, the graphs and the index of the logs, each as gzip. (`tail -c +65 record | zcat` prints
// it.) Pure.

const HEAD = 64;
const MAGIC = 'loglin-record 1';

/** The head of a record, of RECORD_HEAD characters. @param lengths of its compressed parts, in bytes. */
export function recordHead(lengths: readonly number[]): string {
  return `${[MAGIC, ...lengths].join(' ').padEnd(HEAD - 1)}\n`;
}

export const RECORD_HEAD = HEAD;

/** The compressed parts of a record: journal, graphs, index. Undefined if it is none, or not whole. */
export function recordParts<Bytes extends Uint8Array>(
  record: Bytes,
): readonly [Bytes, Bytes, Bytes] | undefined {
  const head = String.fromCharCode(...record.subarray(0, HEAD))
    .trim()
    .split(' ');
  if (head.slice(0, 2).join(' ') !== MAGIC || head.length !== 5) return undefined;
  const lengths = head.slice(2).map(Number);
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, HEAD));
  if (ends.at(-1) !== record.length) return undefined;
  const [journal, graph, index] = ends.map((end, i) => record.subarray(end - lengths[i]!, end) as Bytes);
  return [journal!, graph!, index!];
}
