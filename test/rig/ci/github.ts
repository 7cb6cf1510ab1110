// GitHub Actions. The runner obeys and echoes lines (ActionCommand.cs, ActionCommandManager.cs of
// actions/runner); the page folds what the echoed log says.

import { Reading } from './reading.ts';

const COMMANDS = new Set(
  (
    'group endgroup error warning notice debug add-mask set-output save-state set-env add-path echo ' +
    'add-matcher remove-matcher stop-commands internal-set-repo-path'
  ).split(' '),
);
/** Annotations of each severity in a step; characters of a message and of a title. */
const MOST = 10;
const LONGEST = 4096;
const LONGEST_TITLE = 255;

interface Command {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

const unescape = (text: string, more: readonly (readonly [string, string])[] = []): string =>
  [['%0D', '\r'], ['%0A', '\n'], ...more, ['%25', '%']].reduce(
    (so, [from = '', to = '']) => so.replaceAll(from, to),
    text,
  );

function parse(line: string, known: (name: string) => boolean): Command | undefined {
  const start = line.replace(/^\s+/u, '');
  let info: string;
  let data: string;
  let separator = ',';
  const end = start.indexOf('::', 2);
  const old = line.indexOf('##[');
  const bracket = line.indexOf(']', old);
  const modern = start.startsWith('::') && end >= 0 && known(start.slice(2, end).split(' ')[0] ?? '');
  if (modern) {
    info = start.slice(2, end);
    data = unescape(start.slice(end + 2));
  } else if (old >= 0 && bracket >= 0) {
    info = line.slice(old + 3, bracket);
    data = unescape(line.slice(bracket + 1), [
      ['%3B', ';'],
      ['%5D', ']'],
    ]);
    separator = ';';
  } else return undefined;
  const [name = '', ...rest] = info.split(' ');
  if (!known(name)) return undefined;
  const properties = rest
    .join(' ')
    .split(separator)
    .flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=');
      return at > 0
        ? [
            [
              pair.slice(0, at).trim(),
              unescape(pair.slice(at + 1), [
                ['%3A', ':'],
                ['%2C', ','],
              ]),
            ],
          ]
        : [];
    });
  return { name: name.toLowerCase(), properties: new Map(properties), data };
}

export function readGithub(log: string): Reading {
  const reading = new Reading();
  let token: string | undefined;
  let group: string | undefined;
  const show = (line: string): void => {
    const begun = line.indexOf('##[group]');
    if (begun >= 0) {
      if (group !== undefined) reading.faults.push(`the group ${group} ends where another one begins`);
      group = line.slice(begun + 9);
      reading.groups.push(group);
      reading.depth = 1;
    } else if (line.includes('##[endgroup]')) {
      if (group === undefined) reading.faults.push('the end of no group');
      group = undefined;
    } else reading.lines.push({ text: line, folded: group === undefined ? [] : [group] });
  };
  const obey = ({ name, properties, data }: Command): void => {
    if (name === 'stop-commands') {
      token = data;
    } else if (name === 'group' || name === 'endgroup') {
      show(`##[${name}]${data}`);
    } else if (['error', 'warning', 'notice'].includes(name)) {
      reading.annotate(name, data, [...properties].map((pair) => pair.join('=')).join(','), MOST);
      if (data.length > LONGEST) reading.faults.push('a message is cut');
      if ((properties.get('title') ?? '').length > LONGEST_TITLE) reading.faults.push('a title is too long');
      show(`##[${name}]${data}`);
    } else reading.commands.push(name);
  };
  for (const line of log.replace(/\n$/, '').split(/\r\n|\r|\n/)) {
    const command = parse(
      line,
      (name) => COMMANDS.has(name.toLowerCase()) || (token !== undefined && name === token),
    );
    if (!command) show(line);
    else if (token === undefined) obey(command);
    else if (command.name === token.toLowerCase()) token = undefined;
    else show(line);
  }
  if (group !== undefined) reading.faults.push(`the group ${group} does not end`);
  if (token !== undefined) reading.faults.push('commands are not resumed');
  return reading;
}
