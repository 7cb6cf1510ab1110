// Buildkite: headers of log groups, and annotations by its agent.
// https://buildkite.com/docs/pipelines/managing-log-output
// Which lines are headers: `header_times_streamer.go` of https://github.com/buildkite/agent, which colours do
// not hide. A group ends where the next one begins.

import { escapeName } from '../../model/printable.ts';
import type { Problem } from '../../problems/problem.ts';
import { problemText } from '../problem.ts';
import { type CiSystem, NO_WATCH, type Page } from './system.ts';

/** A header must have fewer than 500 characters. */
const LONGEST_TITLE = 400;
const MOST = 100;
/** Of an annotation, in bytes. */
const LARGEST_PAGE = 1024 * 1024;

const COLOURS = /\x1b\[[;\d]*[mK]/g;
const HEADER = /^(?:(?:---|\+\+\+|~~~)\s|\^\^\^\s+\+\+\+)/;

function line(text: string): string {
  if (!/[-+~^]/.test(text) || !HEADER.test(`${text.replaceAll(COLOURS, '')}\n`)) return text;
  return ` ${text}`;
}

/** A blank before what would be a header. A line may begin after `\r`, which redraws it. */
function inert(lines: string, start: boolean): string {
  if (!/---|\+\+\+|~~~|\^\^\^|\x1b/.test(lines)) return lines;
  return lines
    .split(/([\r\n])/)
    .map((part, i, parts) => {
      if (i % 2 === 1 || part === '' || (i === 0 && !start)) return part;
      // A carriage return counts as the blank after the dashes.
      return parts[i + 1] === '\n' && !/\s/.test(part) ? part : line(part);
    })
    .join('');
}

function page(problems: readonly Problem[], head: string, job: string): Page {
  const errors = problems.some(({ severity }) => severity === 'error');
  const lines: string[] = [];
  let room = LARGEST_PAGE - 4096 - Buffer.byteLength(head);
  for (const one of problems) {
    const text = escapeName(problemText(one));
    room -= Buffer.byteLength(text) + 1;
    if (room < 0) break;
    lines.push(text);
  }
  // A fence that is longer than any in the text.
  const runs = lines.flatMap((text) => text.match(/`+/g) ?? []);
  const fence = runs.reduce((longest, run) => (run.length < longest.length ? longest : `${run}\``), '```');
  const style = errors ? 'error' : 'warning';
  return {
    argv: ['buildkite-agent', 'annotate', '--style', style, '--context', `loglin-${job}`],
    input: `**loglin**: ${head}\n\n${fence}\n${lines.join('\n')}\n${fence}\n`,
  };
}

export const buildkite: CiSystem = {
  groups: 'endless',
  begin: ({ title }, _at, open) => `${open ? '+++' : '---'} ${title.slice(0, LONGEST_TITLE)}\n`,
  end: () => '',
  reveal: '^^^ +++\n',
  inert,
  watch: () => NO_WATCH,
  most: MOST,
  page,
};
