// Azure Pipelines: logging commands anywhere in a line (Command.cs of microsoft/azure-pipelines-agent), and
// groups that its page folds.

import { Reading } from './reading.ts';

/** Issues of each severity in a step. */
const MOST = 10;

const unescape = (text: string): string =>
  text
    .replaceAll('%3B', ';')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%5D', ']')
    .replaceAll('%AZP25', '%');

export function readAzure(log: string): Reading {
  const reading = new Reading();
  let group: string | undefined;
  for (const line of log.replace(/\n$/, '').split(/\r\n|\r|\n/)) {
    const at = line.indexOf('##vso[');
    const end = line.indexOf(']', at);
    const begun = line.indexOf('##[group]');
    if (at >= 0 && end >= 0) {
      const [name = '', ...rest] = line.slice(at + 6, end).split(' ');
      const data = unescape(line.slice(end + 1));
      const properties = new Map(
        rest
          .join(' ')
          .split(';')
          .flatMap((pair): [string, string][] => {
            const equals = pair.indexOf('=');
            return equals > 0 ? [[pair.slice(0, equals), unescape(pair.slice(equals + 1))]] : [];
          }),
      );
      if (name.toLowerCase() === 'task.logissue') {
        const place = ['sourcepath', 'linenumber', 'columnnumber']
          .map((key) => properties.get(key) ?? '')
          .join(':');
        reading.annotate(properties.get('type') ?? '', data, place, MOST);
        reading.lines.push({ text: data, folded: group === undefined ? [] : [group] });
        if (group !== undefined) reading.faults.push('an issue inside a group');
      } else reading.commands.push(name);
    } else if (begun >= 0) {
      if (group !== undefined) reading.faults.push(`the group ${group} ends where another one begins`);
      group = line.slice(begun + 9);
      reading.groups.push(group);
      reading.depth = 1;
    } else if (line.includes('##[endgroup]')) {
      if (group === undefined) reading.faults.push('the end of no group');
      group = undefined;
    } else {
      if (/##\[\w+\]/.test(line)) reading.commands.push(/##\[\w+\]/.exec(line)![0]);
      reading.lines.push({ text: line, folded: group === undefined ? [] : [group] });
    }
  }
  if (group !== undefined) reading.faults.push(`the group ${group} does not end`);
  return reading;
}
