// A record of `--json` as a line of NDJSON (docs/json.md).

import { jsonText } from '../../model/printable.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Returns a record on one line, with its newline. */
export function jsonLine(record: object): string {
  return `${jsonText(record)}\n`;
}
