// A graph of events: which event cannot come before which other, and how much time lies between them at
// least. Finds the longest way to each event and from each to the end. Knows no job and no build; a circle
// in it (a damaged record) is cut somewhere.
//
// Iterative, and linear in events and arcs: the topological order of Kahn, "Topological sorting of large
// networks" (CACM 5, 1962), then one pass forward and one back, as the critical path method has it (Kelley,
// "Critical-path planning and scheduling", 1961).

import type { Sliced } from '../model/sliced.ts';

/** An event, counted from 0. */
export type GraphEvent = number;

/** So many events are looked at at once. */
const SLICE = 20_000;

export class EventGraph {
  /** When it really was; of an event without a time of its own the last of those before it. */
  readonly #at: number[] = [];
  readonly #timeless: boolean[] = [];
  readonly #from: GraphEvent[] = [];
  readonly #to: GraphEvent[] = [];
  readonly #ms: number[] = [];

  /** @param at when it really was; none: as soon as all before it were. */
  add(at?: number): GraphEvent {
    this.#timeless.push(at === undefined);
    return this.#at.push(at ?? -Infinity) - 1;
  }

  /** `to` comes at least `ms` after `from`. */
  arc(from: GraphEvent, to: GraphEvent, ms = 0): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#ms.push(ms);
  }

  /** All from which arcs lead to one of these, these among them, in pieces: 1 by event. */
  *leadingTo(events: readonly GraphEvent[]): Sliced<Uint8Array> {
    const arcs = arcsBy(this.#to, this.#at.length);
    yield;
    let looked = 0;
    const found = new Uint8Array(this.#at.length);
    const stack = [...events];
    for (let event = stack.pop(); event !== undefined; event = stack.pop()) {
      if (found[event]) continue;
      found[event] = 1;
      if (++looked % SLICE === 0) yield;
      for (let i = arcs.first[event]!; i < arcs.first[event + 1]!; i++) {
        const from = this.#from[arcs.list[i]!]!;
        if (!found[from]) stack.push(from);
      }
    }
    return found;
  }

  /**
   * The longest ways, in pieces. An arc from a timeless event that really was after the arc's end held
   * nothing up: it does not count.
   */
  *longest(): Sliced<Longest> {
    const count = this.#at.length;
    const arcs = arcsBy(this.#from, count);
    yield;
    const order = yield* this.#order(arcs);
    const at = Float64Array.from(this.#at);
    const earliest = new Float64Array(count);
    const ready = new Float64Array(count).fill(-Infinity);
    const by = new Int32Array(count).fill(-1);
    const counts = new Uint8Array(this.#from.length);
    const done = new Uint8Array(count);
    let looked = 0;
    for (const event of order) {
      if (++looked % SLICE === 0) yield;
      done[event] = 1;
      for (let i = arcs.first[event]!; i < arcs.first[event + 1]!; i++) {
        const arc = arcs.list[i]!;
        const to = this.#to[arc]!;
        if (done[to]) continue;
        const when = at[event]! + this.#ms[arc]!;
        if (this.#timeless[to]) at[to] = Math.max(at[to]!, when);
        else if (this.#timeless[event] && when > at[to]!) continue;
        counts[arc] = 1;
        ready[to] = Math.max(ready[to]!, Math.min(when, at[to]!));
        const time = earliest[event]! + this.#ms[arc]!;
        const best = by[to]!;
        // Of several, the one that really came last.
        const longer =
          best < 0 || time > earliest[to]! || (time >= earliest[to]! && at[event]! > at[this.#from[best]!]!);
        if (!longer) continue;
        earliest[to] = time;
        by[to] = arc;
      }
    }
    const rest = new Float64Array(count);
    for (let i = count - 1; i >= 0; i--) {
      if (i % SLICE === 0) yield;
      const event = order[i]!;
      for (let j = arcs.first[event]!; j < arcs.first[event + 1]!; j++) {
        const arc = arcs.list[j]!;
        if (counts[arc] === 1) rest[event] = Math.max(rest[event]!, this.#ms[arc]! + rest[this.#to[arc]!]!);
      }
    }
    return {
      at,
      earliest,
      rest,
      ready,
      way: (end) => {
        const found: Stretch[] = [];
        for (let arc = by[end] ?? -1; arc >= 0; arc = by[this.#from[arc]!]!) {
          const from = this.#from[arc]!;
          if (this.#ms[arc]! > 0) found.push({ from, at: at[from]!, ms: this.#ms[arc]! });
        }
        return found.reverse();
      },
    };
  }

  /** Each event after those before it; in a circle the one that really was first comes first. */
  *#order(arcs: Arcs): Sliced<Int32Array> {
    const count = this.#at.length;
    const left = new Int32Array(count);
    for (const to of this.#to) left[to] = left[to]! + 1;
    const order = new Int32Array(count);
    const taken = new Uint8Array(count);
    let end = 0;
    const take = (event: GraphEvent): void => {
      if (taken[event] === 1) return;
      taken[event] = 1;
      order[end++] = event;
    };
    for (let event = 0; event < count; event++) if (left[event] === 0) take(event);
    let byTime: GraphEvent[] | undefined;
    let next = 0;
    for (let i = 0; i < count; i++) {
      if (i % SLICE === 0) yield;
      if (i === end) {
        byTime ??= [...taken.keys()]
          .filter((event) => taken[event] === 0)
          .sort((a, b) => this.#at[a]! - this.#at[b]! || a - b);
        while (i === end) take(byTime[next++]!);
      }
      const event = order[i]!;
      for (let j = arcs.first[event]!; j < arcs.first[event + 1]!; j++) {
        const to = this.#to[arcs.list[j]!]!;
        left[to] = left[to]! - 1;
        if (left[to] === 0) take(to);
      }
    }
    return order;
  }
}

/** Time that passes on a way, from an event on. */
export interface Stretch {
  readonly from: GraphEvent;
  /** When that really was. */
  readonly at: number;
  readonly ms: number;
}

export interface Longest {
  /** By event: when it really was. */
  readonly at: Float64Array;
  /** By event: the length of the longest way to it, and from it. */
  readonly earliest: Float64Array;
  readonly rest: Float64Array;
  /** When the last of what an event had to wait for really was there; -Infinity where there is nothing. */
  readonly ready: Float64Array;
  /** The longest way to an event, without what takes no time. */
  readonly way: (end: GraphEvent) => Stretch[];
}

/** The arcs of event m are `list[first[m]]` to before `list[first[m + 1]]`. */
interface Arcs {
  readonly first: Int32Array;
  readonly list: Int32Array;
}

/** Groups arcs by the event that each has at one of its ends. */
function arcsBy(ends: readonly GraphEvent[], count: number): Arcs {
  const first = new Int32Array(count + 1);
  for (const event of ends) first[event + 1]!++;
  for (let event = 0; event < count; event++) first[event + 1]! += first[event]!;
  const next = first.slice();
  const list = new Int32Array(ends.length);
  ends.forEach((event, arc) => {
    list[next[event]!++] = arc;
  });
  return { first, list };
}
