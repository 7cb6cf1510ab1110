// `loglin mcp`: a server of the Model Context Protocol, by which a coding agent asks for the recorded builds.
// On stdin and stdout, as one process for each client. It reads only.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import pkg from '../../../package.json' with { type: 'json' };
import { isFailure } from '../../model/failure.ts';
import { addStoreOption } from '../buildoptions.ts';
import { type AgentOptions, addBudgetOption, budgetOf } from '../agent.ts';
import { newCommand, parse } from '../command.ts';
import { call } from '../mcp/call.ts';
import { TOOLS, type Tool } from '../mcp/tools.ts';

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
  for (const tool of TOOLS) register(server, tool, store, budget);
  const asked = new Promise<void>((resolve) => {
    process.stdin.on('end', resolve);
    // Nobody reads the answers any more.
    process.stdout.on('error', () => {
      process.stdin.destroy();
      resolve();
    });
  });
  await server.connect(new StdioServerTransport());
  await asked;
  // The server stays open: a client that has closed its end may still wait for answers.
  return 0;
}

function register(server: McpServer, tool: Tool, store: readonly string[], budget: number): void {
  const { name, description, input } = tool;
  const [, program = ''] = process.argv;
  server.registerTool(
    name,
    { description, inputSchema: input, annotations: { readOnlyHint: true, openWorldHint: false } },
    async (given, { signal }) => {
      try {
        const words = tool.words(given as never, budget);
        const { text, failed } = await call([program], store, words, budget, signal);
        return { content: [{ type: 'text', text }], isError: failed };
      } catch (error) {
        if (!isFailure(error)) throw error;
        return { content: [{ type: 'text', text: `loglin: ${error.message}` }], isError: true };
      }
    },
  );
}
