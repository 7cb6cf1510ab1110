// Azure Pipelines: logging commands.
// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
// Which lines are commands, and the escapes: Command.cs and CommandStringConvertor.cs of
// https://github.com/microsoft/azure-pipelines-agent. `##vso[` counts anywhere in a line. Nothing is said of
// groups in groups.

import { escapeName } from '../../model/printable.ts';
import type { Problem } from '../../problems/problem.ts';
import { breakBrackets } from './brackets.ts';
import type { CiSystem, Watch } from './system.ts';

/** The agent keeps this many errors and this many warnings of a step. */
const MOST = 10;

function data(text: string): string {
  return breakBrackets(text.replaceAll(/[^\r\n]+/g, escapeName))
    .replaceAll('%', '%AZP25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

const property = (text: string): string => data(text).replaceAll(';', '%3B').replaceAll(']', '%5D');

function issue({ severity, file, line, column, code, message }: Problem): string {
  const properties = Object.entries({
    type: severity,
    sourcepath: file,
    linenumber: line,
    columnnumber: column,
    code,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))};`);
  return `##vso[task.logissue ${properties.join('')}]${data(message)}\n`;
}

class AzureWatch implements Watch {
  readonly used = { error: 0, warning: 0 };
  #group = false;

  lines(lines: string): void {
    if (!lines.includes('##')) return;
    for (const [, mark, severity] of lines.matchAll(
      /##\[(group|endgroup)\]|##vso\[task\.logissue [^\]\r\n]*?\btype=(error|warning)\b/gi,
    )) {
      if (mark) this.#group = mark.toLowerCase() === 'group';
      else if (severity) this.used[severity.toLowerCase() as 'error' | 'warning']++;
    }
  }

  end(): string {
    const ended = this.#group ? '##[endgroup]\n' : '';
    this.#group = false;
    return ended;
  }
}

export const azure: CiSystem = {
  groups: 'flat',
  begin: ({ title }, _at, open) => (open ? undefined : `##[group]${title}\n`),
  end: () => '##[endgroup]\n',
  inert: breakBrackets,
  watch: () => new AzureWatch(),
  checkout: 'BUILD_SOURCESDIRECTORY',
  most: MOST,
  problem: issue,
};
