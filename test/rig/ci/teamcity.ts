// TeamCity: service messages, anywhere in a line, by the grammar of its documentation.

import { Reading } from './reading.ts';

const ATTRIBUTE = /\s+([A-Za-z_][\w.]*)\s*=\s*'((?:[^|'\n\r[\]]|\|(?:[|'nrxlp[\]]|0x[0-9A-F]{4}))*)'/y;
const SINGLE = /\s+'((?:[^|']|\|.)*)'\s*\]/y;
const LONGEST_PROBLEM = 4000;

const unescape = (text: string): string =>
  text.replaceAll(/\|(?:0x([0-9A-F]{4})|(.))/g, (_, code: string | undefined, one: string) =>
    code === undefined ? ({ n: '\n', r: '\r' }[one] ?? one) : String.fromCharCode(parseInt(code, 16)),
  );

export function readTeamcity(log: string): Reading {
  const reading = new Reading();
  const blocks: string[] = [];
  let enabled = true;
  const obey = (name: string, attributes: ReadonlyMap<string, string>): void => {
    const block = attributes.get('name') ?? '';
    if (name === 'blockOpened') {
      blocks.push(block);
      reading.groups.push(block);
      reading.depth = Math.max(reading.depth, blocks.length);
    } else if (name === 'blockClosed') {
      if (blocks.at(-1) !== block)
        reading.faults.push(`${block} is closed, open is ${blocks.at(-1) ?? 'none'}`);
      if (blocks.includes(block)) blocks.length = blocks.lastIndexOf(block);
    } else if (name === 'message') {
      const text = attributes.get('text') ?? '';
      reading.annotate(attributes.get('status') ?? '', text, '', Infinity);
      reading.lines.push({ text, folded: [...blocks] });
    } else if (name === 'buildProblem') {
      const text = attributes.get('description') ?? '';
      reading.annotate('problem', text, attributes.get('identity') ?? '', Infinity);
      if (text.length > LONGEST_PROBLEM) reading.faults.push('a description is cut');
      if (!/^[A-Za-z_]\w{0,59}$/.test(attributes.get('identity') ?? '')) reading.faults.push('no identity');
    } else reading.commands.push(name);
  };
  for (const line of log.replace(/\n$/, '').split(/\r?\n/)) {
    const at = line.indexOf('##teamcity[');
    const name = at < 0 ? undefined : /^\w+/.exec(line.slice(at + 11))?.[0];
    if (name === 'enableServiceMessages') enabled = true;
    else if (name === undefined || !enabled) reading.lines.push({ text: line, folded: [...blocks] });
    else if (name === 'disableServiceMessages') enabled = false;
    else {
      const attributes = new Map<string, string>();
      let end = at + 11 + name.length;
      for (ATTRIBUTE.lastIndex = end; ; end = ATTRIBUTE.lastIndex) {
        const [, key = '', value = ''] = ATTRIBUTE.exec(line) ?? [];
        if (key === '') break;
        attributes.set(key, unescape(value));
      }
      SINGLE.lastIndex = end;
      if (!/^\s*\]/.test(line.slice(end)) && !SINGLE.test(line))
        reading.faults.push(`not a message: ${line}`);
      obey(name, attributes);
    }
  }
  for (const block of blocks) reading.faults.push(`the block ${block} is not closed`);
  if (!enabled) reading.faults.push('messages stay disabled');
  return reading;
}
