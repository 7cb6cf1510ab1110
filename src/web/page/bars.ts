// The bars of the timeline, drawn on a canvas, and which of them is at a place. A bar is a job.

import type { Timeline } from '../protocol.ts';
import { type TimeWindow, axisTime, timesOf } from './timewindow.ts';

export const LANE = 22;
export const AXIS = 28;
const GAP = 4;
/** Names stand in bars of at least this width. */
const NAMED = 36;
const TICK_DISTANCE = 96;

export const FAILED = 1;
export const CRITICAL = 2;
export const RUNNING = 4;
const WAITED = 8;

export interface Scene {
  readonly timeline: Timeline;
  readonly window: TimeWindow;
  readonly width: number;
  readonly height: number;
  /** How far the lanes are scrolled, in pixels. */
  readonly scrolled: number;
  /** Index of the bar under the cursor; -1: none. */
  readonly cursor: number;
  readonly hovered: number;
  /** Only the critical path is in colour. */
  readonly nameOf: (job: number) => string | undefined;
  readonly duration: (ms: number) => string;
}

export type Colours = (name: string) => string;

interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function barOf({ timeline, window, width, scrolled }: Scene, i: number): Bar {
  const scale = width / (window.to - window.from);
  const x = (timeline.starts[i]! - window.from) * scale;
  const right = (timeline.ends[i]! - window.from) * scale;
  return { x, y: AXIS + timeline.lanes[i]! * LANE - scrolled, width: Math.max(1.5, right - x - 1) };
}

/** The jobs whose names are to be known before they can be drawn. */
export function drawBars(context: CanvasRenderingContext2D, scene: Scene, colours: Colours): number[] {
  const { timeline, width, height } = scene;
  context.clearRect(0, 0, width, height);
  drawAxis(context, scene, colours);
  context.save();
  context.beginPath();
  context.rect(0, AXIS, width, height - AXIS);
  context.clip();
  const unnamed: number[] = [];
  /** Where the last bar of each lane ends: of bars within a pixel, the first is enough. */
  const drawnTo = new Float64Array(timeline.laneCount).fill(-1);
  for (let i = 0; i < timeline.jobs.length; i++) {
    const bar = barOf(scene, i);
    if (bar.x > width || bar.x + bar.width < 0 || bar.y > height || bar.y + LANE < AXIS) continue;
    const lane = timeline.lanes[i]!;
    const important = (timeline.flags[i]! & (FAILED | CRITICAL)) !== 0 || i === scene.cursor;
    if (bar.x + bar.width <= drawnTo[lane]! + 0.5 && !important && bar.width < 2) continue;
    drawnTo[lane] = bar.x + bar.width;
    if (!drawBar(context, scene, colours, i, bar)) unnamed.push(timeline.jobs[i]!);
  }
  context.restore();
  return unnamed;
}

function drawAxis(context: CanvasRenderingContext2D, scene: Scene, colours: Colours): void {
  const { window, width, height, duration } = scene;
  context.font = `11px ${colours('--font')}`;
  context.textBaseline = 'middle';
  for (const time of timesOf(window, Math.max(1, Math.floor(width / TICK_DISTANCE)))) {
    const x = Math.round(((time - window.from) / (window.to - window.from)) * width) + 0.5;
    context.fillStyle = colours('--line');
    context.fillRect(x, AXIS - 6, 1, height);
    context.fillStyle = colours('--soft');
    context.fillText(axisTime(time, duration), Math.min(x + 5, width - 40), AXIS / 2);
  }
  context.fillStyle = colours('--line');
  context.fillRect(0, AXIS - 1, width, 1);
}

/** @returns false if the name is missing. */
function drawBar(
  context: CanvasRenderingContext2D,
  { timeline, cursor, hovered, nameOf, width: screen }: Scene,
  colours: Colours,
  i: number,
  { x, y, width }: Bar,
): boolean {
  const flags = timeline.flags[i]!;
  const failed = (flags & FAILED) !== 0;
  const critical = (flags & CRITICAL) !== 0;
  const height = LANE - GAP;
  const [fill, edge] = failed
    ? ['--bar-failed', '--red']
    : critical
      ? ['--bar-critical', '--accent']
      : ['--bar-plain', '--bar'];
  context.globalAlpha = flags & WAITED && !failed && !critical ? 0.5 : 1;
  context.fillStyle = colours(fill);
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(3, width / 2));
  context.fill();
  context.fillStyle = colours(edge);
  context.fillRect(x, y, Math.min(3, width), height);
  if (flags & RUNNING) context.fillRect(x + width - 2, y, 2, height);
  context.globalAlpha = 1;
  if (i === cursor || i === hovered) {
    context.strokeStyle = colours(i === cursor ? '--accent' : '--soft');
    context.lineWidth = i === cursor ? 2 : 1;
    context.strokeRect(x, y, width, height);
  }
  const left = Math.max(4, x + 8);
  const room = Math.min(x + width, screen) - left - 4;
  if (room < NAMED) return true;
  const name = nameOf(timeline.jobs[i]!);
  if (name === undefined) return false;
  context.font = `11.5px ${colours('--font')}`;
  context.fillStyle = colours('--text');
  context.fillText(cutText(context, name, room), left, y + height / 2 + 0.5);
  return true;
}

/** Of a path, the end says more than the start. */
function cutText(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const base = text.slice(text.lastIndexOf('/') + 1);
  let shown = base === '' ? text : base;
  const perCharacter = context.measureText(shown).width / shown.length;
  const count = Math.floor(room / perCharacter);
  if (count < shown.length) shown = count < 3 ? '' : `${shown.slice(0, count - 1)}…`;
  return shown;
}

/** Index of the bar at a place; -1: none. Later bars are above earlier ones. */
export function barAt(scene: Scene, x: number, y: number): number {
  if (y < AXIS) return -1;
  for (let i = scene.timeline.jobs.length - 1; i >= 0; i--) {
    const bar = barOf(scene, i);
    if (x >= bar.x - 2 && x <= bar.x + bar.width + 2 && y >= bar.y && y < bar.y + LANE) return i;
  }
  return -1;
}
