// Problems for reviewdog, which comments on changes: a JSON object a line.
// https://github.com/reviewdog/reviewdog/tree/master/proto/rdf

import { jsonText } from '../../model/printable.ts';
import type { Place } from '../../problems/problem.ts';
import { type ProblemReport, wellFormed } from './report.ts';

export function* rdjsonl({ problems }: ProblemReport): Generator<string> {
  for (const { problem } of problems) {
    const { message, severity, tool, code, notes } = problem;
    const related = notes.flatMap((note) =>
      note.file === undefined ? [] : [{ message: wellFormed(note.message), location: location(note) }],
    );
    const diagnostic = {
      message: wellFormed(message),
      ...(problem.file === undefined ? {} : { location: location(problem) }),
      severity: severity === 'error' ? 'ERROR' : 'WARNING',
      source: { name: wellFormed(tool) },
      ...(code === undefined ? {} : { code: { value: wellFormed(code) } }),
      ...(related.length > 0 ? { related_locations: related } : {}),
    };
    yield `${jsonText(diagnostic)}\n`;
  }
}

function location({ file = '', line, column }: Place): object {
  const start = { line, ...(column === undefined ? {} : { column }) };
  return { path: wellFormed(file), ...(line === undefined ? {} : { range: { start } }) };
}
