// Sizes as users write and read them: 2GiB, 500 MB, 4096.

const LETTERS = 'kmgtp';

/**
 * Returns the number of bytes in `2GiB`, `2G` (the same), `2GB` (10⁹), `1.5 MiB` or `4096`; undefined for any
 * other text.
 */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])(ib|b)?|b)?$/.exec(text.trim().toLowerCase());
  if (!parts) return undefined;
  const [, number, letter, suffix] = parts;
  const power = letter === undefined ? 0 : LETTERS.indexOf(letter) + 1;
  const bytes = Math.round(Number(number) * (suffix === 'b' ? 1000 : 1024) ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Formats a size as `17 B`, `3.4 MiB` or `120 MiB`, with at most three digits. */
export function sizeText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 999.5 && unit < 5; unit++) value /= 1024;
  const text = unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
  return `${text} ${['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'][unit] ?? ''}`;
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Returns the milliseconds in `90d`, `12h`, `30m` or `2w`; undefined for any other text. */
export function parseAge(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit]!;
}
