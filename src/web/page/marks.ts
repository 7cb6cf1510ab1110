// Which mark stands for how a job or a build stands.

import type { Standing } from '../protocol.ts';
import type { MarkKind } from './icons.tsx';

const KINDS: Readonly<Record<Standing, MarkKind>> = {
  ok: 'ok',
  failed: 'failed',
  ignored: 'ignored',
  running: 'running',
  skipped: 'past',
  interrupted: 'interrupted',
  absent: 'past',
};

export function markOf(standing: Standing): MarkKind {
  return KINDS[standing];
}

/** `3 jobs`, `1 job`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}
