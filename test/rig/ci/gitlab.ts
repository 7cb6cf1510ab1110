// GitLab CI, as lib/gitlab/ci/ansi2json reads a log: sections by their names, of which only letters and
// digits count, and lines that `\r` drops.

import { Reading } from './reading.ts';

const TOKEN =
  /section_(start|end):(\d+):([a-zA-Z0-9_.-]+)(\[\w+=\w+(?:, ?\w+=\w+)*\])?\r\x1b\[0K|\x1b[@-_].*?[@-~]|\r?\n|\r|[^\x1b\r\ns]+|./gs;

export function readGitlab(log: string): Reading {
  const reading = new Reading();
  const open = new Map<
    string,
    { readonly title: () => string; readonly folded: boolean; readonly at: number }
  >();
  const seen = new Set<string>();
  let line = '';
  /** Takes the title of a section that has begun in this line. */
  let titled: ((title: string) => void) | undefined;
  const flush = (): void => {
    const folded = [...open.values()].filter((section) => section.folded).map(({ title }) => title());
    if (titled) titled(line);
    else reading.lines.push({ text: line, folded });
    titled = undefined;
    line = '';
  };
  for (const [token, what, at, name = '', options = ''] of log.matchAll(TOKEN)) {
    const key = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    if (what === 'start') {
      if (line !== '') flush();
      if (open.has(key)) reading.faults.push(`the section ${key} begins twice`);
      if (seen.has(key)) reading.faults.push(`two sections are called ${key}`);
      seen.add(key);
      const number = reading.groups.push('') - 1;
      titled = (title) => {
        reading.groups[number] = title;
      };
      open.set(key, {
        title: () => reading.groups[number] ?? '',
        folded: options.includes('collapsed=true'),
        at: Number(at),
      });
      reading.depth = Math.max(reading.depth, open.size);
    } else if (what === 'end') {
      if (line !== '') flush();
      const section = open.get(key);
      if (!section) reading.faults.push(`the end of no section: ${key}`);
      else if ([...open.keys()].at(-1) !== key) reading.faults.push(`${key} ends before a section in it`);
      else if (Number(at) < section.at) reading.faults.push(`${key} ends before it begins`);
      open.delete(key);
    } else if (token === '\n' || token === '\r\n') flush();
    else if (token === '\r') line = '';
    else if (!token.startsWith('\x1b')) line += token;
  }
  if (line !== '') flush();
  for (const key of open.keys()) reading.faults.push(`the section ${key} does not end`);
  return reading;
}
