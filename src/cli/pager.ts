// Long output on a terminal goes through a pager, as git does it.

import type { ChildProcess } from 'node:child_process';

/** The pager's stdin, or undefined where none is wanted. `-FRX`: quits if it fits on a screen, passes colours, leaves the screen. */
export async function startPager(): Promise<{ child: ChildProcess; fd: number } | undefined> {
  const pager = process.env.LOGLIN_PAGER ?? process.env.PAGER ?? 'less';
  if (pager === '' || pager === 'cat') return undefined;
  // Loaded where it is needed: it takes longer than all of `show`.
  const { spawn } = await import('node:child_process');
  const child = spawn('/bin/sh', ['-c', pager], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...process.env },
  });
  const fd = (child.stdin as unknown as { _handle?: { fd?: number } } | null)?._handle?.fd;
  if (fd === undefined) return undefined;
  // Ctrl-C is the pager's.
  process.on('SIGINT', () => undefined);
  return { child, fd };
}
