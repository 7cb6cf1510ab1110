// Buildkite: headers at the start of a line, whatever its colours (header_times_streamer.go of
// buildkite/agent). A group ends at the next header.

import { Reading } from './reading.ts';

const COLOURS = /\x1b\[[;\d]*[mK]/g;
const HEADER = /^(---|\+\+\+|~~~)\s(.+)?$/s;
const EXPANSION = /^\^\^\^\s+\+\+\+\s*$/;

export function readBuildkite(log: string): Reading {
  const reading = new Reading();
  const lines: { text: string; group: { title: string; folded: boolean } | undefined }[] = [];
  let group: { title: string; folded: boolean } | undefined;
  for (const line of log.replace(/\n$/, '').split('\n')) {
    const bare = line.replaceAll(COLOURS, '');
    // A line that is redrawn shows its last state.
    const states = bare.split('\r').map((state, i, all) => (i < all.length - 1 ? `${state}\r` : state));
    const [, kind, title = ''] = states.map((state) => HEADER.exec(state)).find((found) => found) ?? [];
    if (kind !== undefined) {
      if (bare.length >= 500) reading.faults.push('a header is too long to be one');
      group = { title: title.trimEnd(), folded: kind !== '+++' };
      reading.groups.push(group.title);
      reading.depth = 1;
      // A header is seen.
      lines.push({ text: title, group: undefined });
    } else if (states.some((state) => EXPANSION.test(state))) {
      if (group) group.folded = false;
      else reading.faults.push('no group to open');
    } else lines.push({ text: line, group });
    if (/\x1b[\]_]/.test(line)) reading.commands.push('a sequence that draws images, links or times');
  }
  for (const { text, group: around } of lines)
    reading.lines.push({ text, folded: around?.folded ? [around.title] : [] });
  return reading;
}

/** An annotation, as the agent gets it on stdin. */
export function pageFaults(args: readonly string[], page: string): string[] {
  const faults: string[] = [];
  if (Buffer.byteLength(page) > 1024 * 1024) faults.push('larger than 1 MiB');
  if (args[0] !== 'annotate' || !['error', 'warning'].includes(args[args.indexOf('--style') + 1] ?? ''))
    faults.push(`not a call of the agent: ${args.join(' ')}`);
  const [, fence = '', inside = ''] = /^(`{3,})\n([^]*)\n\1\n$/m.exec(page) ?? [];
  if (fence === '') faults.push('no block of code');
  if (inside.split('\n').some((line) => /^ {0,3}(`+)\s*$/.exec(line)?.[1]?.startsWith(fence)))
    faults.push('the block of code ends too early');
  return faults;
}
