// A build as JUnit's XML, which most CI systems show: each job that ran is a test case. Only what failed by
// itself is a failure; what failed because of that is skipped, so that one mistake counts once.
// https://github.com/testmoapp/junitxml

import { escapeLine, escapeName } from '../../model/printable.ts';
import { problemText } from '../problem.ts';
import { alsoIn, lastCommand } from '../report.ts';
import { namesText, statusText } from '../formats.ts';
import type { BuildReport, Ran } from './report.ts';
import { XML, attributes, xmlText } from './xml.ts';

/** Yields the document in pieces. */
export function* junit(build: BuildReport): Generator<string> {
  const { ran, ms, status, id } = build;
  const name = escapeName(build.command);
  const count = (is: (one: Ran) => boolean): number => ran.filter(is).length;
  const sums = {
    tests: ran.length,
    failures: count(({ outcome, because }) => outcome === 'failed' && because.length === 0),
    errors: count(({ outcome }) => outcome === 'stopped'),
  };
  const skipped = count(({ outcome, because }) => outcome === 'skipped' || because.length > 0);
  const time = seconds(ms);
  const timestamp = new Date(build.at).toISOString().slice(0, 19);
  yield `${XML}<testsuites${attributes({ name, ...sums, time })}>\n`;
  yield `  <testsuite${attributes({ name, ...sums, skipped, time, timestamp })}>\n    <properties>\n`;
  for (const [property, value] of [
    ['loglin.build', id],
    ['loglin.status', statusText(status)],
    ['loglin.version', build.version],
  ] as const)
    yield `      <property${attributes({ name: property, value })}/>\n`;
  yield '    </properties>\n';
  for (const one of ran) yield testCase(one, build);
  yield '  </testsuite>\n</testsuites>\n';
}

function testCase(one: Ran, build: BuildReport): string {
  const head = attributes({
    classname: escapeName(one.parent),
    name: escapeName(one.name),
    time: seconds(one.ms),
  });
  const inside = result(one, build);
  return inside === ''
    ? `    <testcase${head}/>\n`
    : `    <testcase${head}>\n      ${inside}\n    </testcase>\n`;
}

/** What a test case says of its end; '' if it ended well. */
function result({ outcome, because, failure, status }: Ran, build: BuildReport): string {
  const type = status ? statusText(status) : 'not ended';
  if (outcome === 'ok') return '';
  if (outcome === 'skipped') return '<skipped/>';
  if (outcome === 'stopped')
    return `<error${attributes({ type, message: 'it ran when the build was stopped' })}/>`;
  if (because.length > 0)
    return `<skipped${attributes({ message: `failed because of ${namesText(because)}` })}/>`;
  if (!failure) return `<failure${attributes({ type, message: type })}>${textOf(build.commandLog)}</failure>`;
  const { job, error, lines, also } = failure;
  const message = error ? escapeName(problemText(error)) : escapeName(lines[0] ?? type);
  const text = [...lastCommand(job), ...lines, ...(also.length > 0 ? [alsoIn(also)] : [])];
  return `<failure${attributes({ type, message })}>${textOf(text)}</failure>`;
}

const textOf = (lines: readonly string[]): string => xmlText(lines.map(escapeLine).join('\n'));

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
