// Takes secrets out of what leaves the machine: the values of variables whose names say that they are secret,
// and what the project's own patterns match. What stands in their place has the same length, so that offsets
// hold. Bytes come in pieces of any size, and a secret may lie across pieces. The environment is passed in.

/** Variables with such names hold secrets. */
const SECRET =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|ACCESS_KEY|SECRET_KEY|API_KEY|APIKEY|PRIVATE_KEY|CONNECTION_STRING|CREDENTIALS)$/i;

/** Shorter values are words that a log may well have, in bytes. */
const SHORTEST = 6;

/** A line that a pattern is to match is at most so long, in bytes. */
const LONGEST_LINE = 64 * 1024;

/** Returns the values of the variables whose names say that they are secret, each once. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET.test(name) && Buffer.byteLength(value) >= SHORTEST ? [value] : [],
  );
  return [...new Set(values)];
}

/** What to take out. */
export interface Secrets {
  /** All forms of the values, the longest first. */
  readonly needles: readonly Buffer[];
  /** For text whose bytes are characters. */
  readonly patterns: readonly RegExp[];
}

/**
 * @param values the secrets themselves. @param patterns regular expressions that match secrets in a line.
 * @throws SyntaxError for what is no regular expression.
 */
export function secretsFrom(values: readonly string[], patterns: readonly string[]): Secrets {
  const forms = new Map<string, Buffer>();
  for (const value of values) for (const form of formsOf(value)) forms.set(form.toString('latin1'), form);
  const needles = [...forms.values()].sort((a, b) => b.length - a.length);
  return { needles, patterns: patterns.map((pattern) => new RegExp(bytesAsText(pattern), 'g')) };
}

export const NO_SECRETS: Secrets = { needles: [], patterns: [] };

export function hasSecrets({ needles, patterns }: Secrets): boolean {
  return needles.length > 0 || patterns.length > 0;
}

/** A value as it is, and as JSON, URLs, shells' `set -x` and base64 write it. */
function* formsOf(value: string): Generator<Buffer> {
  yield Buffer.from(value);
  const trimmed = value.trim();
  if (Buffer.byteLength(trimmed) >= SHORTEST) yield Buffer.from(trimmed);
  yield Buffer.from(JSON.stringify(value).slice(1, -1));
  yield Buffer.from(value.replaceAll("'", String.raw`'\''`));
  try {
    yield Buffer.from(encodeURIComponent(value));
  } catch {
    // Half a character: it is in no URL.
  }
  // In base64 the value may begin at any of three places in a group; its ends depend on what is beside it.
  const bytes = Buffer.from(value);
  for (let before = 0; before < 3; before++) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + bytes.length) * 8) / 6);
    const inner = text.slice(from, to);
    if (inner.length < 8) continue;
    yield Buffer.from(inner);
    yield Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
}

/** UTF-8 as one character for each byte, as logs are matched. */
const bytesAsText = (text: string): string => Buffer.from(text).toString('latin1');

const STAR = 0x2a;
const NEWLINE = 0x0a;

/** Writes over a range: `[redacted]`, or as much as fits, in the same length. Newlines stay. */
function cover(bytes: Buffer, from: number, to: number): void {
  const length = to - from;
  const text = length < 10 ? '*'.repeat(length) : `[redacted${'*'.repeat(length - 10)}]`;
  for (let i = 0; i < length; i++)
    if (bytes[from + i] !== NEWLINE) bytes[from + i] = text.charCodeAt(i) || STAR;
}

/** Takes secrets out of one stream of bytes. */
export class Redactor {
  /** How many were found. */
  found = 0;
  readonly #secrets: Secrets;
  readonly #longest: number;
  #held = Buffer.alloc(0);

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
    this.#longest = secrets.needles[0]?.length ?? 0;
  }

  /**
   * Takes the next bytes.
   * @returns what comes out: as many bytes as went in, in the end. They are the caller's.
   */
  push(bytes: Uint8Array): Buffer {
    if (!hasSecrets(this.#secrets)) return Buffer.from(bytes);
    const all = Buffer.concat([this.#held, bytes]);
    this.#coverValues(all);
    let out = Math.max(0, all.length - Math.max(0, this.#longest - 1));
    if (this.#secrets.patterns.length > 0) {
      const line = all.lastIndexOf(NEWLINE, out - 1) + 1;
      out = out > 0 && (line > 0 || out < LONGEST_LINE) ? line : out;
    }
    return this.#release(all, out);
  }

  /** There are no more bytes. @returns the rest. */
  end(): Buffer {
    const all = Buffer.from(this.#held);
    this.#coverValues(all);
    return this.#release(all, all.length);
  }

  #release(all: Buffer, out: number): Buffer {
    this.#held = Buffer.from(all.subarray(out));
    const released = all.subarray(0, out);
    this.#coverPatterns(released);
    return released;
  }

  #coverValues(bytes: Buffer): void {
    for (const needle of this.#secrets.needles)
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
        cover(bytes, at, at + needle.length);
        this.found++;
      }
  }

  #coverPatterns(bytes: Buffer): void {
    if (this.#secrets.patterns.length === 0 || bytes.length === 0) return;
    let from = 0;
    for (const line of bytes.toString('latin1').split('\n')) {
      for (const pattern of this.#secrets.patterns)
        for (const match of line.matchAll(pattern)) {
          if (match[0] === '') continue;
          cover(bytes, from + match.index, from + match.index + match[0].length);
          this.found++;
        }
      from += line.length + 1;
    }
  }
}

/** Takes secrets out of a text that is whole. */
export function redactText(text: string, secrets: Secrets): string {
  if (!hasSecrets(secrets)) return text;
  const redactor = new Redactor(secrets);
  return Buffer.concat([redactor.push(Buffer.from(text)), redactor.end()]).toString();
}

/**
 * Takes secrets out of a line of JSON: out of its strings, not out of the names of its fields. What is no
 * JSON is redacted as text.
 * @returns the line itself if there are none in it.
 */
export function redactJson(line: string, secrets: Secrets): string {
  if (!hasSecrets(secrets)) return line;
  if (redactText(line, secrets) === line && secrets.patterns.length === 0) return line;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return redactText(line, secrets);
  }
  return JSON.stringify(redactValue(value, secrets, ''));
}

function redactValue(value: unknown, secrets: Secrets, field: string): unknown {
  // The kind of a record is no text of the build's.
  if (typeof value === 'string') return field === 'e' ? value : redactText(value, secrets);
  if (Array.isArray(value)) return value.map((one) => redactValue(one, secrets, ''));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, redactValue(one, secrets, name)]),
  );
}
