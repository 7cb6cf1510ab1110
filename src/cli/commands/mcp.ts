// `loglin mcp`: a server of the Model Context Protocol, by which a coding agent asks for the recorded builds.
// On stdin and stdout, as one process for each client. It reads only.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import pkg from '../../../package.json' with { type: 'json' };
import { isFailure } from '../../model/failure.ts';
import { addStoreOption } from '../buildoptions.ts';
import { type AgentOptions, addBudgetOption, budgetOf } from '../agent.ts';
import { newCommand, parse } from '../command.ts';
import { type Answer, call } from '../mcp/call.ts';
import { TOOLS, type Tool, type Words } from '../mcp/tools.ts';

interface Options extends AgentOptions {
  readonly store?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'mcp',
      'Serves the recorded builds of this folder to a coding agent (Model Context Protocol).',
    ),
  );
  addBudgetOption(cmd, 'an answer has at most so many bytes').addHelpText(
    'after',
    '\nExamples:\n  claude mcp add loglin -- loglin mcp\n  loglin -C ~/project mcp\n',
  );
  return parse(cmd, args, () => serve(cmd.opts<Options>()));
}

async function serve(options: Options): Promise<number> {
  const budget = budgetOf(options);
  const server = new McpServer(
    { name: 'loglin', version: pkg.version },
    { instructions: 'The logs of the builds that were run here as `loglin make …`: what failed, and why.' },
  );
  const store = options.store === undefined ? [] : [`--store=${options.store}`];
  const calls = new Set<Promise<Answer>>();
  for (const tool of TOOLS)
    register(
      server,
      tool,
      async (words) => {
        const answer = call([process.argv[1] ?? ''], store, words, budget);
        calls.add(answer);
        return answer.finally(() => calls.delete(answer));
      },
      budget,
    );
  const transport = new StdioServerTransport();
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve;
    process.stdin.on('end', resolve);
  });
  await server.connect(transport);
  await closed;
  // What was asked before the end of the input is answered.
  do await new Promise((resolve) => setImmediate(resolve));
  while ((await Promise.allSettled(calls)).length > 0);
  await server.close();
  return 0;
}

function register(
  server: McpServer,
  { name, description, input, words }: Tool,
  ask: (words: Words) => Promise<Answer>,
  budget: number,
): void {
  const annotations = { readOnlyHint: true, openWorldHint: false };
  server.registerTool(name, { description, inputSchema: input, annotations }, async (given) => {
    try {
      const { text, failed } = await ask(words(given as never, budget));
      return { content: [{ type: 'text', text: text === '' ? '(nothing)' : text }], isError: failed };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return { content: [{ type: 'text', text: `loglin: ${error.message}` }], isError: true };
    }
  });
}
