// Reads fields of foreign events: each function returns a value of its type, or undefined.

import type { Status } from '../../model/events.ts';
import type { Event } from './lines.ts';

/** The limit of the journal's reader: 50,000,000 days. */
const MOST_MS = 5e7 * 86_400_000;

export function text(event: Event, name: string): string | undefined {
  const value = field(event, name);
  return typeof value === 'string' ? value : undefined;
}

export function texts(event: Event, name: string): string[] | undefined {
  const value = field(event, name);
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

/** A whole number from 0 to `most`. */
export function count(event: Event, name: string, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const value = field(event, name);
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
    ? (value as number)
    : undefined;
}

/** A number of milliseconds that the journal can hold. */
export function time(event: Event, name: string): number | undefined {
  const value = field(event, name);
  return typeof value === 'number' && Math.abs(value) <= MOST_MS ? value : undefined;
}

export function flag(event: Event, name: string): boolean {
  return field(event, name) === true;
}

/** The event's `exit` or `signal`; undefined if it has neither. */
export function status(event: Event): Status | undefined {
  const exit = count(event, 'exit', 2 ** 32 - 1);
  if (exit !== undefined) return { exit };
  const signal = count(event, 'signal', 127);
  return signal === undefined || signal === 0 ? undefined : { signal };
}

export function field(event: Event, name: string): unknown {
  return Object.hasOwn(event, name) ? event[name] : undefined;
}
