// A graph of events. An arc says that one event must follow another, and how much time lies between them at
// least. Finds the longest path to each event, and from each event to the end. Knows no job and no build. A
// cycle, which only a damaged record has, is cut somewhere.
//
// Iterative, and linear in events and arcs: a topological sort after Kahn, "Topological sorting of large
// networks" (CACM 5, 1962), then one forward and one backward pass, as in the critical path method (Kelley,
// "Critical-path planning and scheduling", 1961).

import type { Sliced } from '../model/sliced.ts';

/** The number of an event, from 0. */
export type GraphEvent = number;

/** How many events are handled per slice of work. */
const SLICE = 20_000;

export class EventGraph {
  /**
   * When each event actually happened. An event without a time of its own has that of its last predecessor.
   */
  readonly #at: number[] = [];
  readonly #timeless: boolean[] = [];
  readonly #from: GraphEvent[] = [];
  readonly #to: GraphEvent[] = [];
  readonly #ms: number[] = [];

  /** @param at when it actually happened; undefined if as soon as all its predecessors had. */
  add(at?: number): GraphEvent {
    this.#timeless.push(at === undefined);
    return this.#at.push(at ?? -Infinity) - 1;
  }

  /** Requires `to` to happen at least `ms` milliseconds after `from`. */
  arc(from: GraphEvent, to: GraphEvent, ms = 0): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#ms.push(ms);
  }

  /**
   * Finds in slices all events from which a path leads to one of these, including these. The result has a 1
   * for each of them, by event.
   */
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
   * Finds the longest paths in slices. An arc from an event without a time is ignored if that event actually
   * happened after the arc's end, since it delayed nothing.
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
        // Of equally long paths, takes the event that actually happened last.
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

  /** Sorts the events topologically. In a cycle, the event that actually happened first comes first. */
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

/** Time that passes on a path after an event. */
export interface Stretch {
  readonly from: GraphEvent;
  /** When it actually began. */
  readonly at: number;
  readonly ms: number;
}

export interface Longest {
  /** By event: when it actually happened. */
  readonly at: Float64Array;
  /** By event: the length of the longest path to it, and from it. */
  readonly earliest: Float64Array;
  readonly rest: Float64Array;
  /** By event: when its last predecessor actually happened; -Infinity if it has none. */
  readonly ready: Float64Array;
  /** Returns the longest path to an event, without the stretches that take no time. */
  readonly way: (end: GraphEvent) => Stretch[];
}

/**
 * The arcs of event m are at the indices of `list` from `first[m]` up to, but not including, `first[m + 1]`.
 */
interface Arcs {
  readonly first: Int32Array;
  readonly list: Int32Array;
}

/** Groups arcs by the event at one of their ends. */
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
