// Problems as SARIF 2.1.0, for code scanning and editors.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

import { jsonText } from '../../model/printable.ts';
import type { Note, Place } from '../../problems/problem.ts';
import { type ProblemReport, identities, ruleOf, wellFormed } from './report.ts';

/** The base of relative file names. */
const BASE = 'PROJECTROOT';

/** Yields the document in pieces, so that nobody has to hold all of it. */
export function* sarif({ problems, version, nameOf }: ProblemReport): Generator<string> {
  const rules = new Map<string, number>();
  for (const { problem } of problems) {
    const id = ruleOf(problem);
    if (!rules.has(id)) rules.set(id, rules.size);
  }
  const driver = {
    name: 'loglin',
    version,
    rules: [...rules.keys()].map((id) => ({ id, shortDescription: { text: id } })),
  };
  yield `{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"tool":${jsonText({ driver })},`;
  yield `"originalUriBaseIds":{"${BASE}":{"description":{"text":"The root of the project."}}},"results":[`;
  const ids = identities(problems);
  let separator = '\n';
  for (const [i, { problem, jobs }] of problems.entries()) {
    const rule = ruleOf(problem);
    const result = {
      ruleId: rule,
      ruleIndex: rules.get(rule),
      level: problem.severity,
      message: { text: wellFormed(problem.message) },
      locations: [
        {
          ...physical(problem),
          logicalLocations: jobs
            .slice(0, 1)
            .map((job) => ({ name: wellFormed(nameOf(job)), kind: 'target' })),
        },
      ],
      ...(problem.notes.length > 0 ? { relatedLocations: problem.notes.map(related) } : {}),
      partialFingerprints: { 'loglin/v1': ids[i] },
    };
    yield `${separator}${jsonText(result)}`;
    separator = ',\n';
  }
  yield '\n]}]}\n';
}

function related(note: Note): object {
  return { ...physical(note), message: { text: wellFormed(note.message) } };
}

function physical({ file, line, column }: Place): object {
  if (file === undefined) return {};
  const region = line === undefined ? undefined : { startLine: line, ...(column && { startColumn: column }) };
  return { physicalLocation: { artifactLocation: artifact(file), ...(region && { region }) } };
}

function artifact(file: string): object {
  const uri = wellFormed(file).split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: BASE };
}
