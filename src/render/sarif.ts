// Problems as SARIF 2.1.0, for code scanning and editors.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

import { jsonText } from '../model/printable.ts';
import type { FoundProblem } from '../problems/problemlist.ts';
import type { Note, Place, Problem } from '../problems/problem.ts';

/** The base of relative file names. */
const BASE = 'PROJECTROOT';

export interface SarifOptions {
  /** The version of loglin. */
  readonly version: string;
  readonly nameOf: (job: FoundProblem['jobs'][number]) => string;
}

/** Yields the document in pieces, so that nobody has to hold all of it. */
export function* sarif(found: readonly FoundProblem[], { version, nameOf }: SarifOptions): Generator<string> {
  const rules = new Map<string, number>();
  for (const { problem } of found) {
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
  const seen = new Map<string, number>();
  let separator = '\n';
  for (const { problem, jobs } of found) {
    const rule = ruleOf(problem);
    // The same message on another line of the file is another result.
    const print = fingerprint([rule, problem.file ?? '', problem.message].join('\0'));
    const count = (seen.get(print) ?? 0) + 1;
    seen.set(print, count);
    const result = {
      ruleId: rule,
      ruleIndex: rules.get(rule),
      level: problem.severity,
      message: { text: problem.message },
      locations: [
        {
          ...physical(problem),
          logicalLocations: jobs.slice(0, 1).map((job) => ({ name: nameOf(job), kind: 'target' })),
        },
      ],
      ...(problem.notes.length > 0 ? { relatedLocations: problem.notes.map(related) } : {}),
      partialFingerprints: { 'loglin/v1': `${print}:${count}` },
    };
    yield `${separator}${jsonText(result)}`;
    separator = ',\n';
  }
  yield '\n]}]}\n';
}

const ruleOf = ({ tool, code }: Problem): string => (code === undefined ? tool : `${tool}/${code}`);

function related(note: Note): object {
  return { ...physical(note), message: { text: note.message } };
}

function physical({ file, line, column }: Place): object {
  if (file === undefined) return {};
  const region = line === undefined ? undefined : { startLine: line, ...(column && { startColumn: column }) };
  return { physicalLocation: { artifactLocation: artifact(file), ...(region && { region }) } };
}

function artifact(file: string): object {
  // A user's pattern may cut a surrogate pair in two, and a URI cannot contain half a pair.
  const whole = file.replaceAll(/\p{Cs}/gu, '\ufffd');
  const uri = whole.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: BASE };
}

/** FNV-1a, twice, over UTF-16 code units: 64 bits that are the same everywhere. */
function fingerprint(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
