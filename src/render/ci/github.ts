// GitHub Actions: workflow commands, one a line.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
// The escapes are those of https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts.
// Which lines are commands: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs.
// The runner reads lines that end at `\n`, `\r` or both. `::command::` may follow blanks, `##[command]`
// counts anywhere. Groups do not nest: one that begins inside another ends it.

import { escapeName } from '../../model/printable.ts';
import type { Problem } from '../../problems/problem.ts';
import { breakBrackets } from './brackets.ts';
import type { CiSystem, Stop, Watch } from './system.ts';

/** A step shows at most this many errors and this many warnings. */
const MOST = 10;
const LONGEST_MESSAGE = 4096;
const LONGEST_TITLE = 255;

/** Characters that are not printable, and that GitHub has no escape for, are made visible. */
function data(text: string, longest = LONGEST_MESSAGE): string {
  const shown = breakBrackets(text.replaceAll(/[^\r\n]+/g, escapeName));
  return (shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown)
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function property(text: string, longest?: number): string {
  return data(text, longest).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function annotation({ severity, tool, file, line, column, code, message }: Problem): string {
  const properties = Object.entries({
    file,
    line,
    col: column,
    title: code === undefined ? tool : `${tool}: ${code}`,
  })
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => `${name}=${property(String(value), name === 'title' ? LONGEST_TITLE : undefined)}`,
    );
  return `::${severity} ${properties.join(',')}::${data(message)}\n`;
}

const stop: Stop = {
  // .NET's white space has characters beyond ASCII: any byte of such a character counts.
  find: (lines) => {
    const found = /(?:^|[\r\n])(?:[^\S\r\n]|[\x80-\xff])*::/.exec(lines);
    return found ? found.index + found[0].length - 2 : -1;
  },
  begin: (nonce) => `::stop-commands::${nonce}\n`,
  end: (nonce) => `::${nonce}::\n`,
};

/** A line's command and its data. */
const COMMAND = /^\s*::([^\s:]+)(?: .*?)?::(.*)$|##\[([^\s\]]+)[^\]]*\](.*)$/;

class GithubWatch implements Watch {
  readonly used = { error: 0, warning: 0 };
  #group = false;
  #token: string | undefined;

  lines(lines: string): void {
    if (!lines.includes('::') && !lines.includes('##[')) return;
    for (const line of lines.split(/[\r\n]+/)) this.#line(line);
  }

  #line(line: string): void {
    const [, modern, after, old, rest] = COMMAND.exec(line) ?? [];
    const command = (modern ?? old)?.toLowerCase();
    if (this.#token !== undefined) {
      if (command === this.#token.toLowerCase()) this.#token = undefined;
    } else if (command === 'stop-commands') this.#token = after ?? rest ?? '';
    else if (command === 'group') this.#group = true;
    else if (command === 'endgroup') this.#group = false;
    else if (command === 'error' || command === 'warning') this.used[command]++;
  }

  end(): string {
    const resumed = this.#token === undefined ? '' : `::${this.#token}::\n`;
    const ended = this.#group ? '::endgroup::\n' : '';
    this.#token = undefined;
    this.#group = false;
    return resumed + ended;
  }
}

export const github: CiSystem = {
  groups: 'flat',
  begin: ({ title }, _at, open) => (open ? undefined : `::group::${data(title)}\n`),
  end: () => '::endgroup::\n',
  inert: breakBrackets,
  stop,
  watch: () => new GithubWatch(),
  checkout: 'GITHUB_WORKSPACE',
  most: MOST,
  problem: annotation,
};
