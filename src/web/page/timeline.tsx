// When each job ran: bars in lanes, zoomed and moved with keys, wheel and fingers.

import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { duration } from '../../render/formats.ts';
import type { Timeline } from '../protocol.ts';
import { AXIS, CRITICAL, FAILED, LANE, RUNNING, type Scene, barAt, drawBars } from './bars.ts';
import { useCell } from './cell.ts';
import { Icon } from './icons.tsx';
import type { Action } from './keys.ts';
import { Tool } from './logtools.tsx';
import { Message } from './message.tsx';
import { type Page, messageOf } from './page.ts';
import { openInPerfetto } from './perfetto.ts';
import { type TimeWindow, panned, showing, zoomed } from './timewindow.ts';

const ZOOM = 1.5;
/** Names are asked for at most so many at once. */
const MOST_NAMES = 400;

export function TimelineView({ page }: { page: Page }): JSX.Element {
  const [timeline, setTimeline] = useState<Timeline | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const growth = useCell(page.growth);
  useEffect(() => {
    page.engine
      .ask('timeline', {}, 'timeline')
      .then(setTimeline, (reason: unknown) => setError(messageOf(reason)));
  }, [page, growth]);
  if (error !== undefined) return <Message icon="timeline" title="There is no timeline" text={error} bad />;
  if (!timeline) return <div class="timeline" aria-busy="true" />;
  if (timeline.jobs.length === 0) return <Message icon="timeline" title="No job has run" />;
  return <Chart page={page} timeline={timeline} />;
}

/** What is shown of the timeline, and what moves it. */
class ChartState {
  timeline: Timeline;
  window: TimeWindow;
  scrolled = 0;
  cursor = -1;
  hovered = -1;
  width = 0;
  height = 0;
  readonly names = new Map<number, string>();
  readonly #draw: () => void;

  constructor(timeline: Timeline, draw: () => void) {
    this.timeline = timeline;
    this.window = timeline;
    this.#draw = draw;
  }

  /** The build has grown: what was shown whole still is. */
  renew(timeline: Timeline): void {
    const whole = this.window.from <= this.timeline.from && this.window.to >= this.timeline.to;
    this.timeline = timeline;
    if (whole) this.window = timeline;
    this.#draw();
  }

  get scene(): Scene {
    const { timeline, window, width, height, scrolled, cursor, hovered, names } = this;
    return {
      timeline,
      window,
      width,
      height,
      scrolled,
      cursor,
      hovered,
      nameOf: (job) => names.get(job),
      duration,
    };
  }

  timeAt(x: number): number {
    return this.window.from + (x / Math.max(1, this.width)) * (this.window.to - this.window.from);
  }

  zoom(factor: number, at = (this.window.from + this.window.to) / 2): void {
    this.window = zoomed(this.window, this.timeline, factor, at);
    this.#draw();
  }

  fit(): void {
    this.window = this.timeline;
    this.#draw();
  }

  /** Moves by pixels. */
  move(dx: number, dy: number): void {
    this.window = panned(this.window, this.timeline, (dx / this.width) * (this.window.to - this.window.from));
    const most = Math.max(0, this.timeline.laneCount * LANE + AXIS - this.height);
    this.scrolled = Math.max(0, Math.min(most, this.scrolled + dy));
    this.#draw();
  }

  hover(index: number): void {
    if (index === this.hovered) return;
    this.hovered = index;
    this.#draw();
  }

  select(index: number): void {
    const { jobs, starts, ends, lanes } = this.timeline;
    this.cursor = Math.max(0, Math.min(jobs.length - 1, index));
    this.window = showing(this.window, this.timeline, starts[this.cursor]!, ends[this.cursor]!);
    const y = lanes[this.cursor]! * LANE;
    const room = this.height - AXIS - LANE;
    this.scrolled = Math.max(y - room, Math.min(this.scrolled, y));
    this.#draw();
  }

  /** To the next bar with one of these flags. */
  next(flags: number, ahead: boolean): boolean {
    const step = ahead ? 1 : -1;
    for (let i = this.cursor + step; i >= 0 && i < this.timeline.jobs.length; i += step)
      if (flags === 0 || this.timeline.flags[i]! & flags) {
        this.select(i);
        return true;
      }
    return false;
  }
}

function useChart(
  page: Page,
  timeline: Timeline,
): readonly [ChartState, { current: HTMLCanvasElement | null }] {
  const [, draw] = useState(0);
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useMemo(() => new ChartState(timeline, () => draw((times) => times + 1)), [page]);
  useEffect(() => chart.renew(timeline), [chart, timeline]);
  // The colours are the theme's.
  useCell(page.themes.theme);
  useEffect(() => {
    const element = canvas.current!;
    const watcher = new ResizeObserver(() => {
      chart.width = element.clientWidth;
      chart.height = element.clientHeight;
      chart.move(0, 0);
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [chart]);
  useEffect(() => {
    const missing = paint(canvas.current!, chart).slice(0, MOST_NAMES);
    if (missing.length === 0) return;
    page.engine.ask('names', { jobs: missing }, 'barNames').then((names) => {
      missing.forEach((job, i) => chart.names.set(job, names[i] ?? ''));
      draw((times) => times + 1);
    }, NO_NAMES);
  });
  return [chart, canvas];
}

/** Another build is open by now. */
const NO_NAMES = (): void => undefined;

/** @returns jobs whose names are not known. */
function paint(element: HTMLCanvasElement, chart: ChartState): number[] {
  const context = element.getContext('2d');
  if (!context || chart.width === 0) return [];
  const scale = devicePixelRatio || 1;
  element.width = Math.round(chart.width * scale);
  element.height = Math.round(chart.height * scale);
  context.scale(scale, scale);
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  const colours = (name: string): string => {
    let value = known.get(name);
    if (value === undefined) known.set(name, (value = style.getPropertyValue(name).trim()));
    return value;
  };
  return drawBars(context, chart.scene, colours);
}

function Chart({ page, timeline }: { page: Page; timeline: Timeline }): JSX.Element {
  const [chart, canvas] = useChart(page, timeline);
  usePointer(canvas, chart, (index) => openBar(page, chart, index));
  useEffect(() => page.handle('main', (action) => act(page, chart, action)), [page, chart]);
  const { cursor, hovered } = chart;
  const told = hovered >= 0 ? hovered : cursor;
  useEffect(() => {
    const job = told < 0 ? undefined : timeline.jobs[told];
    if (job === undefined || chart.names.has(job)) return;
    page.engine.ask('names', { jobs: [job] }, 'barName').then(([name = '']) => {
      chart.names.set(job, name);
      chart.move(0, 0);
    }, NO_NAMES);
  }, [told, timeline]);
  const [text, seconds] = describe(chart, told);
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="tools">
        <span class="cut bar-told" role="status">
          {told < 0 ? (
            <span class="soft">{`${timeline.jobs.length.toLocaleString('en')} jobs in ${timeline.laneCount.toLocaleString('en')} lanes`}</span>
          ) : (
            <strong>{text}</strong>
          )}{' '}
          <span class="soft">{seconds}</span>
        </span>
        <span class="grow" />
        <span class="soft legend">
          <i class="swatch critical-swatch" aria-hidden="true" /> critical path
          <i class="swatch failed-swatch" aria-hidden="true" /> failed
        </span>
        <Tool icon="plus" name="Zoom in" action="unfoldAll" click={() => chart.zoom(1 / ZOOM)} />
        <Tool icon="minus" name="Zoom out" action="foldAll" click={() => chart.zoom(ZOOM)} />
        <Tool icon="fit" name="All of it" action="first" click={() => chart.fit()} />
        <button type="button" class="button perfetto" onClick={() => void openInPerfetto(page)}>
          <Icon name="external" /> Open in Perfetto
        </button>
      </div>
      <canvas
        id="log"
        ref={canvas}
        class="bars"
        tabIndex={0}
        data-pane="main"
        role="img"
        aria-label={`When each job ran: ${timeline.jobs.length} bars in ${timeline.laneCount} lanes. Keys j and k go from bar to bar, plus and minus zoom, h and l move.`}
      />
    </section>
  );
}

/** What is said of a bar. */
function describe({ timeline, names }: ChartState, index: number): readonly [name: string, seconds: string] {
  const job = timeline.jobs[index];
  if (job === undefined) return ['', ''];
  const from = timeline.starts[index]!;
  const to = timeline.ends[index]!;
  const flags = timeline.flags[index]!;
  const words = [
    `${duration(to - from)}, from ${duration(from)} to ${duration(to)}`,
    flags & FAILED ? 'failed' : '',
    flags & RUNNING ? 'running' : '',
    flags & CRITICAL ? 'on the critical path' : '',
  ];
  return [names.get(job) ?? '', words.filter(Boolean).join(' · ')];
}

function openBar(page: Page, chart: ChartState, index: number): void {
  const job = chart.timeline.jobs[index];
  if (job !== undefined) void page.showJob(job);
}

function act(page: Page, chart: ChartState, action: Action): boolean {
  const step = chart.width / 4;
  const none = (found: boolean, what: string): void => {
    if (!found) page.say(what);
  };
  const acts: Partial<Record<Action, () => unknown>> = {
    down: () => chart.select(chart.cursor + 1),
    up: () => chart.select(chart.cursor - 1),
    left: () => chart.move(-step, 0),
    right: () => chart.move(step, 0),
    pageDown: () => chart.move(0, chart.height / 2),
    pageUp: () => chart.move(0, -chart.height / 2),
    first: () => chart.fit(),
    last: () => chart.select(chart.timeline.jobs.length - 1),
    unfoldAll: () => chart.zoom(1 / ZOOM, middle(chart)),
    foldAll: () => chart.zoom(ZOOM, middle(chart)),
    open: () => openBar(page, chart, chart.cursor),
    nextFailure: () => none(chart.next(FAILED, true), 'No later job failed'),
    previousFailure: () => none(chart.next(FAILED, false), 'No earlier job failed'),
    nextMatch: () => none(chart.next(CRITICAL, true), 'The critical path ends here'),
    previousMatch: () => none(chart.next(CRITICAL, false), 'The critical path begins here'),
  };
  const done = acts[action];
  done?.();
  return done !== undefined;
}

/** What stays where it is when keys zoom: the bar under the cursor, if there is one. */
function middle({ timeline, cursor, window }: ChartState): number {
  const at = cursor < 0 ? undefined : (timeline.starts[cursor]! + timeline.ends[cursor]!) / 2;
  return at !== undefined && at >= window.from && at <= window.to ? at : (window.from + window.to) / 2;
}

function usePointer(
  canvas: { current: HTMLCanvasElement | null },
  chart: ChartState,
  open: (index: number) => void,
): void {
  useEffect(() => {
    const element = canvas.current!;
    const fingers = new Map<number, PointerEvent>();
    let moved = false;
    const at = (event: PointerEvent): number => barAt(chart.scene, event.offsetX, event.offsetY);
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey)
        chart.zoom(Math.exp(event.deltaY / 300), chart.timeAt(event.offsetX));
      else chart.move(event.shiftKey ? event.deltaY : event.deltaX, event.shiftKey ? 0 : event.deltaY);
    };
    const down = (event: PointerEvent): void => {
      fingers.set(event.pointerId, event);
      element.setPointerCapture(event.pointerId);
      moved = false;
    };
    const move = (event: PointerEvent): void => {
      const before = fingers.get(event.pointerId);
      if (!before) {
        chart.hover(at(event));
        return;
      }
      const other = [...fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
      if (other) {
        const factor =
          Math.abs(before.offsetX - other.offsetX) / Math.max(8, Math.abs(event.offsetX - other.offsetX));
        chart.zoom(factor, chart.timeAt((event.offsetX + other.offsetX) / 2));
      } else if (moved || Math.hypot(event.offsetX - before.offsetX, event.offsetY - before.offsetY) > 4) {
        moved = true;
        chart.move(before.offsetX - event.offsetX, before.offsetY - event.offsetY);
      } else return;
      fingers.set(event.pointerId, event);
    };
    const up = (event: PointerEvent): void => {
      fingers.delete(event.pointerId);
      if (!moved && event.type === 'pointerup') open(at(event));
    };
    const leave = (): void => chart.hover(-1);
    element.addEventListener('wheel', wheel, { passive: false });
    const listeners = {
      pointerdown: down,
      pointermove: move,
      pointerup: up,
      pointercancel: up,
      pointerleave: leave,
    };
    for (const [type, listener] of Object.entries(listeners))
      element.addEventListener(type, listener as EventListener);
    return () => {
      element.removeEventListener('wheel', wheel);
      for (const [type, listener] of Object.entries(listeners))
        element.removeEventListener(type, listener as EventListener);
    };
  }, [chart]);
}
