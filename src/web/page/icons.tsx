// The pictures of the page, as lines on a grid of 16: those that say how a job ended, and those of buttons.

import type { JSX } from 'preact';

const PATHS = {
  ok: 'M3.5 8.5l3 3 6-7',
  failed: 'M4 4l8 8M12 4l-8 8',
  ignored: 'M3 9c1.6-2.6 3.4-2.6 5-1s3.4 1.6 5-1',
  interrupted: 'M6 4v8M10 4v8',
  unknown: 'M8 8v.01',
  past: 'M4 6.5h8M4 9.5h8',
  damaged: 'M6 6.2a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1.1M8 11.7v.01',
  search: 'M11 11l3 3M12.2 7.2a5 5 0 1 1-10 0 5 5 0 0 1 10 0z',
  close: 'M4 4l8 8M12 4l-8 8',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4L6 8l4 4',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  download: 'M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10',
  wrap: 'M2.5 4h11M2.5 8h9a2 2 0 0 1 0 4.5h-3M10 11l-1.8 1.5L10 14M2.5 12h3',
  follow: 'M4 3.5L8 7.5l4-4M4 8.5l4 4 4-4',
  sun: 'M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1M10.8 8a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0z',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  system: 'M2 3.5h12v8H2zM6 14h4',
  help: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM6 6.2a2 2 0 1 1 2.7 1.9c-.5.2-.7.5-.7 1.1M8 11.7v.01',
  summary: 'M3 2.5h10v11H3zM5.5 6h5M5.5 8.5h5M5.5 11h3',
  log: 'M2.5 4h8M2.5 8h11M2.5 12h6',
  problems: 'M8 2.5l6 11H2zM8 6.5v3.5M8 11.8v.01',
  timeline: 'M2.5 4h6M5.5 8h6M9.5 12h4',
  builds: 'M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3',
  external: 'M9.5 2.5h4v4M13.5 2.5l-6 6M11.5 9v4.5h-9v-9H7',
  tree: 'M3 3v9.5h4M3 6.5h4M9.5 6.5h4M9.5 12.5h4',
  fold: 'M4 6.5L8 3l4 3.5M4 9.5L8 13l4-3.5',
  unfold: 'M4 3l4 3.5L12 3M4 13l4-3.5 4 3.5',
  clock: 'M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  hash: 'M6.5 2.5l-1.5 11M11 2.5l-1.5 11M3 6h10.5M2.5 10H13',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.5 8h11M5 5.5L2.5 8 5 10.5M11 5.5L13.5 8 11 10.5',
  link: 'M6.5 9.5l3-3M7.5 4.5l1.5-1.5a2.8 2.8 0 0 1 4 4l-1.5 1.5M8.5 11.5L7 13a2.8 2.8 0 0 1-4-4l1.5-1.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside text that says the same; it says nothing itself. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true">
      <path
        d={PATHS[name]}
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** How a job or a build ended, or that it runs. */
export type MarkKind =
  'ok' | 'failed' | 'running' | 'ignored' | 'interrupted' | 'past' | 'unknown' | 'damaged';

/** What a mark means, in a word for those who do not see it. */
export const MARK_WORDS: Readonly<Record<MarkKind, string>> = {
  ok: 'ok',
  failed: 'failed',
  running: 'running',
  ignored: 'failed, ignored',
  interrupted: 'interrupted',
  past: 'did not run',
  unknown: 'not known',
  damaged: 'damaged',
};

const MARK_COLOURS: Readonly<Record<MarkKind, string>> = {
  ok: 'green',
  failed: 'red',
  running: 'purple',
  ignored: 'amber',
  interrupted: 'amber',
  past: 'soft',
  unknown: 'soft',
  damaged: 'red',
};

export function Mark({ kind, size = 16 }: { kind: MarkKind; size?: number }): JSX.Element {
  return (
    <span
      class={`mark ${MARK_COLOURS[kind]}`}
      role="img"
      aria-label={MARK_WORDS[kind]}
      title={MARK_WORDS[kind]}
    >
      {kind === 'running' ? (
        <svg class="spin" width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true">
          <circle cx="8" cy="8" r="5" stroke="currentColor" stroke-width="2" stroke-opacity="0.25" />
          <path d="M8 3a5 5 0 0 1 5 5" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
        </svg>
      ) : (
        <Icon name={kind} size={size} />
      )}
    </span>
  );
}
