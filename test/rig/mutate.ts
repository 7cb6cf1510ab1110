// Damage: bytes changed, lost or inserted; lines lost, doubled or out of order; records with absurd values.
// All of it from a seed.

import type { Random } from './seeded.ts';

export type Mutation = (bytes: Buffer, random: Random) => Buffer;

// -- bytes -----------------------------------------------------------------------------------------------

const junk = (random: Random, most: number): Buffer =>
  Buffer.from(Array.from({ length: random.below(most) }, () => random.below(256)));

const splice = (bytes: Buffer, at: number, gone: number, put: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)]);

export const BYTES: readonly Mutation[] = [
  function flippedBits(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let i = random.below(8); i >= 0 && copy.length > 0; i--) {
      const at = random.below(copy.length);
      copy[at] = copy[at]! ^ (1 << random.below(8));
    }
    return copy;
  },
  function otherDigits(bytes, random) {
    const copy = Buffer.from(bytes);
    const digits = [...bytes.keys()].filter((at) => bytes[at]! >= 0x30 && bytes[at]! <= 0x39);
    for (let i = random.below(4); i >= 0 && digits.length > 0; i--)
      copy[random.pick(digits)] = 0x30 + random.below(10);
    return copy;
  },
  function truncated(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function headless(bytes, random) {
    return bytes.subarray(random.below(bytes.length + 1));
  },
  function inserted(bytes, random) {
    return splice(bytes, random.below(bytes.length + 1), 0, junk(random, 300));
  },
  function removed(bytes, random) {
    return splice(bytes, random.below(bytes.length + 1), random.below(300), Buffer.alloc(0));
  },
  function zeros(bytes, random) {
    const from = random.below(bytes.length + 1);
    return Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + random.below(5000)));
  },
  function copied(bytes, random) {
    const from = random.below(bytes.length + 1);
    const piece = bytes.subarray(from, from + random.below(500));
    return splice(bytes, random.below(bytes.length + 1), 0, piece);
  },
  function somethingElse(bytes, random) {
    const other = [
      '',
      '\n',
      'null\n',
      '[]\n',
      '{}\n',
      '\0',
      '\ufeff',
      '7',
      '"',
      '\n'.repeat(5000),
      '{'.repeat(50_000),
    ];
    return random.chance(0.3) ? junk(random, 2000) : Buffer.from(random.pick(other));
  },
  function longLine(bytes, random) {
    const long = Buffer.alloc(
      random.pick([5000, 70_000, 300_000]),
      random.pick(['x', ' ', '"', '[', '\\', '\0', ':', '1']),
    );
    return splice(bytes, random.below(bytes.length + 1), 0, long);
  },
  function unended(bytes) {
    return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : Buffer.concat([bytes, Buffer.from('\n')]);
  },
  function windows(bytes) {
    return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  },
];

// -- lines -----------------------------------------------------------------------------------------------

const inLines =
  (change: (lines: string[], random: Random) => readonly string[]): Mutation =>
  (bytes, random) => {
    const lines = bytes.toString('latin1').split('\n');
    return Buffer.from(change(lines, random).join('\n'), 'latin1');
  };

/** Nothing grows much longer than this. */
const MOST_BYTES = 2_000_000;

export const LINES: readonly Mutation[] = [
  // Some lost, one lost, some doubled, all in another order, one moved, two joined, one again and again,
  // backwards.
  inLines((lines, random) => lines.filter(() => !random.chance(0.2))),
  inLines((lines, random) => {
    lines.splice(random.below(lines.length), 1);
    return lines;
  }),
  inLines((lines, random) => lines.flatMap((line) => (random.chance(0.2) ? [line, line] : [line]))),
  inLines((lines, random) => random.shuffled(lines)),
  inLines((lines, random) => {
    const [line = ''] = lines.splice(random.below(lines.length), 1);
    lines.splice(random.below(lines.length + 1), 0, line);
    return lines;
  }),
  inLines((lines, random) => {
    const at = random.below(lines.length);
    lines.splice(at, 2, lines.slice(at, at + 2).join(''));
    return lines;
  }),
  inLines((lines, random) => {
    const line = random.pick(lines.concat('{}'));
    const most = Math.min(2000, Math.ceil(MOST_BYTES / (line.length + 1)));
    return lines.concat(Array.from({ length: random.below(most) }, () => line));
  }),
  inLines((lines) => lines.reverse()),
];

// -- values ----------------------------------------------------------------------------------------------

/** Values as JSON text, so that they can be ones that JSON.stringify would not write. */
const deep = (open: string, close: string, depth: number, inside: string): string =>
  open.repeat(depth) + inside + close.repeat(depth);

const NUMBERS = [
  '-1',
  '-0',
  '0',
  '1',
  '0.5',
  '2',
  '7',
  '99',
  '1000',
  '99999',
  '100001',
  '2147483647',
  '4294967296',
  '8640000000000001',
  '9007199254740991',
  '9007199254740993',
  '1e15',
  '1e300',
  '-1e300',
  '1e400',
  '-1e400',
  '5e-324',
];

const STRINGS = [
  '""',
  '"0"',
  '"nan"',
  '"-1"',
  '"\\ud800"',
  '"x\\udc00y"',
  '"\\u0000"',
  '"\\u001b[2J\\u001b]0;title\\u0007"',
  '"a\\nb\\r\\tc"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"../../../etc/passwd"',
  '"/"',
  '"."',
  '".."',
  '"漢字\\u202e👩‍👩‍👧"',
  '"make"',
  '"ninja"',
  '"%s%n%00"',
];

const WRONG = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[0]',
  '[""]',
  '{"__proto__":{"x":1}}',
  '{"exit":0}',
  '{"signal":0}',
  '{"exit":256}',
  '{"exit":-1}',
  '{"signal":300}',
  '{"exit":"0"}',
];

export function anyValue(random: Random): string {
  const kind = random.below(20);
  if (kind < 8) return random.pick(NUMBERS);
  if (kind < 13) return random.pick(STRINGS);
  if (kind < 18) return random.pick(WRONG);
  if (kind === 18) {
    const [open, close] = random.pick([
      ['[', ']'],
      ['{"a":', '}'],
      ['{"__proto__":', '}'],
    ] as const);
    return deep(open, close, random.pick([100, 10_000, 100_000]), random.pick(['1', 'null', '[]']));
  }
  const piece = random.pick([
    'x',
    ' ',
    'a b ',
    '../',
    '\\n',
    '"'.replace('"', '\\"'),
    'ü',
    '/',
    '\\u001b[31m',
    '-',
  ]);
  return `"${piece.repeat(random.pick([300, 20_000, 200_000]))}"`;
}

/** Another value of the same kind, so that a reader's checks let it pass. */
function likely(value: unknown, random: Random, whole: readonly unknown[]): string {
  if (typeof value === 'number') {
    const near = [
      value + 1,
      value - 1,
      value * 2,
      value + random.below(20),
      Math.max(0, value - random.below(20)),
      random.below(12),
    ];
    return String(random.chance(0.5) ? random.pick(near) : random.pick(NUMBERS));
  }
  if (typeof value === 'string') {
    const others = whole.filter((one): one is string => typeof one === 'string');
    return random.chance(0.5) && others.length > 0
      ? JSON.stringify(random.pick(others))
      : random.pick(STRINGS);
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => JSON.stringify(item));
    const changed = random.pick([
      items.slice(1),
      items.concat(items),
      items.reverse(),
      Array.from({ length: 3000 }, (_, i) => items[i % Math.max(1, items.length)] ?? '0'),
      items.concat(anyValue(random)),
    ]);
    return `[${changed.join(',')}]`;
  }
  return anyValue(random);
}

/** Everything in a value, except at great depth. */
function inside(value: unknown): unknown[] {
  const found = [value];
  // A list can grow while it is walked.
  for (const one of found)
    if (typeof one === 'object' && one !== null && found.length < 20_000)
      for (const item of Object.values(one) as unknown[]) found.push(item);
  return found;
}

const PLACE = '@@here@@';

/** Puts another value somewhere into a record. @returns its text. */
export function otherRecord(record: unknown, random: Random, whole: readonly unknown[]): string {
  if (typeof record !== 'object' || record === null) return anyValue(random);
  let copy: Record<string, unknown>;
  try {
    copy = structuredClone(record) as Record<string, unknown>;
  } catch {
    // It is too deep already.
    return anyValue(random);
  }
  let at = copy;
  for (;;) {
    const keys = Object.keys(at);
    if (keys.length === 0) return anyValue(random);
    const key = random.pick(keys);
    const value = at[key];
    const isHolder = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    if (isHolder && random.chance(0.7)) {
      at = value as Record<string, unknown>;
      continue;
    }
    const what = random.below(10);
    if (what === 0 && !Array.isArray(at)) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete at[key];
      return JSON.stringify(copy);
    }
    let text = random.chance(0.5) ? likely(value, random, whole) : anyValue(random);
    if (what === 1 && !Array.isArray(at)) {
      const extra = random.pick([
        '__proto__',
        'constructor',
        'more',
        'e',
        't',
        '',
        'at',
        'length',
        'toString',
        'toJSON',
      ]);
      at[PLACE] = 0;
      if (random.chance(0.3)) text = anyValue(random);
      return JSON.stringify(copy).replace(`"${PLACE}":0`, () => `${JSON.stringify(extra)}:${text}`);
    }
    at[key] = PLACE;
    return JSON.stringify(copy).replace(JSON.stringify(PLACE), () => text);
  }
}

/** Other values in one record or several, of a file of records. */
export function otherValues(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString('utf8').split('\n');
  const records = lines.map((line): unknown => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      return undefined;
    }
  });
  const whole = inside(records);
  // Listings read the first and the last record.
  for (let i = random.pick([0, 0, 0, 1, 4, 20]); i >= 0; i--) {
    const at = random.chance(0.3)
      ? random.pick([0, Math.max(0, lines.length - 2)])
      : random.below(lines.length);
    lines[at] = otherRecord(records[at], random, whole);
  }
  return Buffer.from(lines.join('\n'));
}

/** Numbers at the ends of the range that readers accept. */
const EXTREME: Readonly<Record<string, readonly number[]>> = {
  t: [-4.32e15, 4.32e15, -1, 0, 0.25, 1e12, -1e12],
  at: [0, 1, 7, 43, 1e6, 2 ** 53 - 1, 4.32e15],
  size: [0, 1, 43, 1e6, 2 ** 53 - 1],
  user: [0, 0.5, 2 ** 53 - 1],
  sys: [0, 2 ** 53 - 1],
  rss: [0, 2 ** 53 - 1],
  s: [0, 1, 2, 50, 9000],
  i: [0, 1, 2, 9, 3000],
};

/**
 * Well-formed records of impossible builds: jobs that launch those that launched them, cycles of needs,
 * absurd times before and after all others, links beyond the log, unusual names.
 */
export function impossible(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString('utf8').split('\n');
  const [ids, extremes, strings] = [
    random.pick([0, 0.3, 0.8]),
    random.pick([0, 0.2, 0.8]),
    random.pick([0, 0.1, 0.5]),
  ];
  const names = lines.flatMap((line) => /"name":"([^"\\]*)"/.exec(line)?.[1] ?? []);
  const reach = names.length + 2;
  const name = (): string =>
    names.length > 0 && random.chance(0.7) ? random.pick(names) : String(JSON.parse(random.pick(STRINGS)));
  const change = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) {
      if (key === 'sizes') return value;
      if (random.chance(strings / 3)) return Array.from({ length: random.below(40) }, name);
      return value.map((one) => change('', one));
    }
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, change(inner, one)]));
    if (typeof value === 'number') {
      if ((key === 'j' || key === 'parent') && random.chance(ids)) return random.below(reach);
      return key in EXTREME && random.chance(extremes) ? random.pick(EXTREME[key]!) : value;
    }
    if (typeof value !== 'string' || key === 'e' || !random.chance(strings)) return value;
    return key === 'needs' || key === 'newer'
      ? Array.from({ length: random.below(40) }, name).join(' ')
      : name();
  };
  const changed = lines.map((line) => {
    try {
      return JSON.stringify(change('', JSON.parse(line)));
    } catch {
      return line;
    }
  });
  return Buffer.from(changed.join('\n'));
}

/** Any kind of damage, most often other values, or several kinds in a row. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let i = random.pick([0, 0, 0, 0, 1, 2]); i >= 0; i--) {
    const kind = random.below(12);
    const mutation =
      kind < 5 ? otherValues : kind < 8 ? impossible : kind < 10 ? random.pick(LINES) : random.pick(BYTES);
    result = mutation(result, random);
  }
  return result;
}
