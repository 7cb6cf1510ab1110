// The scrollbar of a document: the place by bytes, since lines need not have been counted, and beside it
// where errors, warnings and matches are.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { PALETTES, type Theme } from './ansi.ts';

const LEAST_THUMB = 28;
const WIDTH = 14;
const TICK = 3;

const ERROR = 1;
const WARNING = 2;
const MATCH = 4;

interface Props {
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly ticks: Uint8Array | undefined;
  readonly theme: Theme;
  readonly controls: string;
  /** Goes to a place, 0 to 1. */
  readonly jump: (fraction: number) => void;
}

export function Scrollbar({ from, to, length, ticks, theme, controls, jump }: Props): JSX.Element {
  const bar = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  const grabbed = useRef<number | undefined>(undefined);
  useEffect(() => {
    const watcher = new ResizeObserver(() => setHeight(bar.current?.clientHeight ?? 0));
    watcher.observe(bar.current!);
    return () => watcher.disconnect();
  }, []);
  const shown = length === 0 ? 1 : Math.min(1, (to - from) / length);
  const thumb = Math.min(height, Math.max(LEAST_THUMB, shown * height));
  const share = length === 0 || shown >= 1 ? 0 : Math.min(1, from / Math.max(1, length - (to - from)));
  const top = share * (height - thumb);
  const move = (event: PointerEvent): void => {
    if (grabbed.current === undefined) return;
    const y = event.clientY - bar.current!.getBoundingClientRect().top - grabbed.current;
    const part = Math.max(0, Math.min(1, y / Math.max(1, height - thumb)));
    jump(part === 1 ? 1 : part * (1 - shown));
  };
  const down = (event: PointerEvent): void => {
    const y = event.clientY - bar.current!.getBoundingClientRect().top;
    grabbed.current = y >= top && y <= top + thumb ? y - top : thumb / 2;
    bar.current!.setPointerCapture(event.pointerId);
    event.preventDefault();
    move(event);
  };
  return (
    <div
      ref={bar}
      class="scrollbar"
      role="scrollbar"
      aria-label="Place in the text"
      aria-controls={controls}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => (grabbed.current = undefined)}
      onPointerCancel={() => (grabbed.current = undefined)}
    >
      <Ticks ticks={ticks} height={height} theme={theme} />
      {shown < 1 && <div class="thumb" style={{ height: `${thumb}px`, transform: `translateY(${top}px)` }} />}
    </div>
  );
}

function Ticks(props: { ticks: Uint8Array | undefined; height: number; theme: Theme }): JSX.Element {
  const { ticks, height, theme } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const scale = devicePixelRatio || 1;
    const element = canvas.current!;
    element.width = WIDTH * scale;
    element.height = height * scale;
    const context = element.getContext('2d');
    if (!context || !ticks) return;
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const { colours } = PALETTES[theme];
    const colourOf = (name: string): string =>
      style.getPropertyValue(name).trim() || `rgb(${colours[1]!.join()})`;
    for (const [bit, name, x, width] of [
      [MATCH, '--mark-now', 0, WIDTH],
      [WARNING, '--amber', 2, WIDTH - 4],
      [ERROR, '--red', 2, WIDTH - 4],
    ] as const) {
      context.fillStyle = colourOf(name);
      for (let i = 0; i < ticks.length; i++)
        if (ticks[i]! & bit)
          context.fillRect(x, (i / ticks.length) * Math.max(0, height - TICK), width, TICK);
    }
  }, [ticks, height, theme]);
  return <canvas ref={canvas} class="ticks" aria-hidden="true" />;
}
