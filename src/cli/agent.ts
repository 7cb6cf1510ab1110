// Whether a coding agent has started this command, and whether it gets the short form of a build. Knows the
// environment, not what is printed.

import type { Command } from 'commander';
import { Failure } from '../model/failure.ts';
import { CI_NAMES } from '../render/ci/names.ts';
import type { ViewOptions } from '../render/renderers.ts';
import type { CiOptions } from './ci.ts';

/**
 * Variables that coding agents set for the commands they run, as std-env 4.3 and @vercel/detect-agent 1.2
 * list them. Left out are those that a person's shell has too: of an editor (CURSOR_TRACE_ID, TERM_PROGRAM),
 * of a hosted workspace (REPL_ID), of an agent's configuration (GOOSE_PROVIDER, COPILOT_MODEL).
 */
const AGENT_VARIABLES = [
  'AI_AGENT',
  'AGENT',
  'CLAUDECODE',
  'CLAUDE_CODE',
  'CURSOR_AGENT',
  'GEMINI_CLI',
  'CODEX_SANDBOX',
  'CODEX_THREAD_ID',
  'CODEX_CI',
  'OPENCODE',
  'COPILOT_AGENT',
  'COPILOT_CLI',
  'AUGMENT_AGENT',
  'ANTIGRAVITY_AGENT',
  'JUNIE_DATA',
];

const OFF = ['', '0', 'false'];

/** Whether a coding agent runs this; `LOGLIN_AGENT` decides where it is set. */
function isAgent(env: NodeJS.ProcessEnv = process.env): boolean {
  const { LOGLIN_AGENT: ours } = env;
  if (ours !== undefined && ours !== '') return !OFF.includes(ours);
  return AGENT_VARIABLES.some((name) => !OFF.includes(env[name] ?? ''));
}

/** The options of addAgentOptions. */
export interface AgentOptions {
  readonly agent?: boolean;
  readonly budget?: string;
}

/** Adds `--agent` and `--budget`. @param description what is printed with --agent. */
export function addAgentOptions(command: Command, description: string): Command {
  return addBudgetOption(command.option('--agent', description), 'with --agent: print at most so many bytes');
}

export function addBudgetOption(command: Command, description: string): Command {
  return command.option('--budget <bytes>', description, String(BUDGET));
}

/** About 2,000 tokens: a build's result beside which much else fits in an agent's context. */
const BUDGET = 8192;

/** The bytes that may be printed. @throws Failure if the option is no such number. */
export function budgetOf({ budget = String(BUDGET) }: AgentOptions): number {
  if (!/^\d{1,9}$/.test(budget)) throw new Failure(`--budget=${budget}: want a number of bytes`);
  return Number(budget);
}

/** Options that say in which form the log is wanted. */
type Form = CiOptions & Pick<ViewOptions, 'json' | 'prefix' | 'quiet' | 'details' | 'times' | 'u'>;

/**
 * Whether a wrapped build is summed up for an agent: where that was asked for; or an agent runs it and has
 * not asked for another form.
 * @throws Failure if two forms are asked for.
 */
export function forAgent(options: AgentOptions & Form): boolean {
  const { agent, json, prefix, quiet, details, times, u, ci } = options;
  const other = (json ?? prefix ?? quiet ?? times ?? u ?? !details) || CI_NAMES.some((name) => name === ci);
  if (agent && other) throw new Failure('--agent prints no log: it goes with no option on how to print one');
  return agent ?? (!other && isAgent());
}
