// The reporter of the tests: node:test's own (spec), and before its summary, which stays last, a line that
// reports why tests were skipped: `skipped for want of: ninja (31), python3 (4)`, then the other reasons. A
// test's reason is `for want of TOOL, TOOL` where something that could be installed is missing here
// (test/rig/tree.ts: needs); any other reason is printed unchanged.
import { Readable } from 'node:stream';
import { spec } from 'node:test/reporters';

/** @typedef {import('node:test/reporters').TestEvent} TestEvent */

/** The runner's own reason for tests that --test-name-pattern leaves out. */
const LEFT_OUT = 'test name does not match pattern';

const WANT = /^for want of (.+)$/;

/**
 * The count of each reason, the most frequent first.
 * @param {readonly string[]} reasons
 */
function counted(reasons) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([reason, n]) => `${reason} (${n})`);
}

/**
 * The lines about skipped tests; none if none was skipped.
 * @param {readonly string[]} reasons of each skipped test, as it gave it
 */
export function skipSummary(reasons) {
  const tools = reasons.flatMap((reason) => WANT.exec(reason)?.[1]?.split(', ') ?? []);
  const others = reasons.filter((reason) => !WANT.test(reason) && reason !== LEFT_OUT);
  return [
    ...(tools.length > 0 ? [`skipped for want of: ${counted(tools).join(', ')}`] : []),
    ...(others.length > 0 ? [`skipped: ${counted(others).join('; ')}`] : []),
  ];
}

/** @param {AsyncIterable<TestEvent>} source */
async function* withSkips(source) {
  /** @type {string[]} */
  const reasons = [];
  for await (const event of source) {
    if (event.type === 'test:pass' && event.data.skip !== undefined && event.data.skip !== false)
      reasons.push(
        typeof event.data.skip === 'string' && event.data.skip ? event.data.skip : 'no reason given',
      );
    // The first line of the summary.
    if (
      event.type === 'test:diagnostic' &&
      event.data.nesting === 0 &&
      /^tests \d+$/.test(event.data.message)
    )
      for (const message of skipSummary(reasons)) yield { ...event, data: { ...event.data, message } };
    yield event;
  }
}

/** @param {AsyncIterable<TestEvent>} source */
export default async function* reporter(source) {
  const printed = Readable.from(withSkips(source)).pipe(new spec());
  for await (const chunk of printed) yield chunk;
}
