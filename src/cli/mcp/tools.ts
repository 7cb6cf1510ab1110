// What an agent can ask of the recorded builds over MCP: each tool is one of loglin's own commands, with its
// arguments checked and its output bounded. None writes anything. Pure.

import { z } from 'zod';
import { Failure } from '../../model/failure.ts';

/** A tool, and the arguments of loglin that it stands for. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject;
  /**
   * @param input as the schema has parsed it. @param budget the most bytes of the answer.
   * @throws Failure where the parts do not go together.
   */
  readonly words: (input: never, budget: number) => Words;
}

/** A call of loglin. */
export interface Words {
  readonly argv: readonly string[];
  /** Only these lines of the output, counted from 1, both inclusive; else its start and its end. */
  readonly range?: { readonly from: number; readonly to: number };
}

const build = z
  .string()
  .min(1)
  .optional()
  .describe(
    'a build: its id, -1 for the one before the last, @failed for the last that failed; default: the last',
  );
const target = z.string().min(1).describe("a job's name, the end of one (server.o), or a glob (src/*.o)");
const line = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A tool whose input has the type of its schema. */
function tool<T extends z.ZodRawShape>(
  name: string,
  description: string,
  shape: T,
  words: (input: z.infer<z.ZodObject<T>>, budget: number) => Words,
): Tool {
  return { name, description, input: z.strictObject(shape), words };
}

const chosen = (id: string | undefined): string[] => (id === undefined ? [] : [`--build=${id}`]);
// A name that begins with a dash is no option.
const targets = (name: string | undefined): string[] => (name === undefined ? [] : ['--', name]);

export const TOOLS: readonly Tool[] = [
  tool(
    'builds',
    'Lists the recorded builds of this project, the newest last: id, time, command, number of jobs, how it ended, how long it took.',
    { count: line.max(1000).default(20).describe('how many') },
    ({ count }) => ({ argv: ['ls', `--number=${count}`] }),
  ),
  tool(
    'problems',
    'Lists the errors and warnings of a build, each once, errors first, as file:line:column: severity: message (job).',
    {
      build,
      target: target.optional(),
      only: z.enum(['errors', 'warnings']).optional().describe('default: both'),
      new: z.boolean().default(false).describe('only those that the build before did not have'),
    },
    ({ build: id, target: name, only, new: fresh }, budget) => ({
      argv: [
        'problems',
        '--agent',
        `--budget=${budget}`,
        ...(only === undefined ? [] : [`--${only}`]),
        ...(fresh ? ['--new'] : []),
        ...chosen(id),
        ...targets(name),
      ],
    }),
  ),
  tool(
    'show',
    'Prints the log of a build, or of one target and what is below it, in the order of the prerequisites. A long one is cut in the middle: ask for the lines by from and to.',
    {
      build,
      target: target.optional(),
      from: line.optional().describe('the first line'),
      to: line.optional().describe('the last line'),
    },
    ({ build: id, target: name, from, to }) => {
      const argv = ['show', '--no-pager', ...chosen(id), ...targets(name)];
      if (from === undefined && to === undefined) return { argv };
      const range = { from: from ?? 1, to: to ?? Number.MAX_SAFE_INTEGER };
      if (range.from > range.to) throw new Failure(`from ${range.from} is after to ${range.to}`);
      return { argv, range };
    },
  ),
  tool(
    'why',
    'Says why a target was built again: the files that changed, what is missing, which command is another.',
    { build, target },
    ({ build: id, target: name }) => ({ argv: ['why', ...chosen(id), ...targets(name)] }),
  ),
  tool(
    'diff',
    'Says what a target, or the whole build, prints now and did not print in its last run before.',
    { build, target: target.optional() },
    ({ build: id, target: name }) => ({
      argv: ['diff', '--no-pager', ...chosen(id), ...targets(name)],
    }),
  ),
];
