// TeamCity: service messages, one a line, anywhere in it.
// https://www.jetbrains.com/help/teamcity/service-messages.html

import { escapeName } from '../../model/printable.ts';
import { hash } from '../../model/hash.ts';
import type { Problem } from '../../problems/problem.ts';
import { problemText } from '../problem.ts';
import { breakBrackets } from './brackets.ts';
import type { CiSystem, Watch } from './system.ts';

/** There is no limit; but a log need not have every warning twice. */
const MOST = 100;
/** Of a build problem's description; more is cut. */
const LONGEST = 4000;

const ESCAPES: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r' };

/** Also characters beyond ASCII are escaped: the agent may read the log in another encoding. */
function value(text: string): string {
  return text
    .replaceAll(/[^\r\n]+/g, escapeName)
    .replaceAll(/[|'[\]\n\r]/g, (one) => `|${ESCAPES[one] ?? one}`)
    .replaceAll(
      /[^\0-\x7f]/g,
      (one) => `|0x${one.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`,
    );
}

function message(name: string, attributes: Readonly<Record<string, string>>): string {
  const words = Object.entries(attributes).map(([key, text]) => ` ${key}='${value(text)}'`);
  return `##teamcity[${name}${words.join('')}]\n`;
}

function problem(one: Problem): string {
  return message('message', { text: problemText(one), status: one.severity.toUpperCase() });
}

class TeamcityWatch implements Watch {
  readonly used = { error: 0, warning: 0 };
  readonly #blocks: string[] = [];
  #disabled = false;

  lines(lines: string): void {
    if (!lines.includes('##teamcity[')) return;
    for (const [, name = '', block = ''] of lines.matchAll(
      /##teamcity\[(\w+)(?:[^\]|\r\n]|\|.)*?(?:\sname\s*=\s*'((?:[^|'\r\n]|\|.)*)'(?:[^\]|\r\n]|\|.)*)?\]/g,
    ))
      this.#message(name, block);
  }

  #message(name: string, block: string): void {
    if (name === 'disableServiceMessages') this.#disabled = true;
    else if (name === 'enableServiceMessages') this.#disabled = false;
    else if (this.#disabled) return;
    else if (name === 'blockOpened') this.#blocks.push(block);
    else if (name === 'blockClosed' && this.#blocks.includes(block))
      this.#blocks.length = this.#blocks.lastIndexOf(block);
  }

  end(): string {
    const enabled = this.#disabled ? '##teamcity[enableServiceMessages]\n' : '';
    const closed = this.#blocks.splice(0).reverse();
    this.#disabled = false;
    return enabled + closed.map((block) => `##teamcity[blockClosed name='${block}']\n`).join('');
  }
}

export const teamcity: CiSystem = {
  groups: 'nested',
  begin: ({ title }, _at, open) => (open ? undefined : message('blockOpened', { name: title })),
  end: ({ title }) => message('blockClosed', { name: title }),
  inert: breakBrackets,
  watch: () => new TeamcityWatch(),
  most: MOST,
  problem,
  failure: (text) =>
    message('buildProblem', { description: text.slice(0, LONGEST), identity: `loglin_${hash(text)}` }),
};
