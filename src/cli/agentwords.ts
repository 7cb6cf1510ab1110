// What is printed of a build for a coding agent: its whole text if that is short and all went well, else the
// report.

import type { Write } from '../play/stdout.ts';
import { type Ending, reportSetting } from './lastwords.ts';

/** A text that is shorter than this many bytes says more than a line about it. */
const SHORT = 600;

/** Keeps a text that stays short. */
export class ShortText {
  #pieces: Buffer[] | undefined = [];
  #size = 0;

  /** Takes the place of stdout. */
  readonly write: Write = (bytes, done) => {
    this.#size += bytes.length;
    if (this.#size > SHORT) this.#pieces = undefined;
    this.#pieces?.push(Buffer.from(bytes));
    done(null, bytes.length);
  };

  /** All that was written; undefined if it was long. */
  text(): Buffer | undefined {
    return this.#pieces && Buffer.concat(this.#pieces);
  }
}

export interface AgentWords extends Ending {
  readonly id: string;
  /** In bytes. */
  readonly budget: number;
  /** The text of all logs, if it is short. */
  readonly said: Buffer | undefined;
}

/** What an agent is told of a build that has ended. @param say called with what could not be read. */
export async function agentWords(words: AgentWords, say: (text: string) => void): Promise<string> {
  const { id, budget, said, status, style } = words;
  const { agentEnding } = await import('../view/agentending.ts');
  const { agentReport } = await import('../render/agentreport.ts');
  const report = agentReport(agentEnding({ ...reportSetting(words), id }, say), {
    budget,
    ascii: style.ascii,
  });
  if (!said || !('exit' in status) || status.exit !== 0 || said.length + Buffer.byteLength(report) > budget)
    return report;
  const text = said.toString('utf8');
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${report}`;
}
