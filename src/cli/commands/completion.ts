// `loglin completion SHELL`: prints the completion script of a shell. The script calls `loglin completion
// --targets` and `--builds`.

import { Argument } from 'commander';
import { Failure, isFailure } from '../../model/failure.ts';
import { type Commands, definitionOf, newCommand, parse } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { buildLines, targetNames } from '../completion/candidates.ts';
import { type CommandShape, shapeOf } from '../completion/describe.ts';
import { fishScript } from '../completion/fish.ts';
import { zshScript } from '../completion/zsh.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';

const SCRIPTS: Readonly<Record<string, (commands: readonly CommandShape[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export async function run(args: readonly string[], all: Commands): Promise<number> {
  const [asked, ...rest] = args;
  if (asked === '--targets' || asked === '--builds') {
    answer(asked, rest);
    return 0;
  }
  const cmd = newCommand(
    'completion',
    'Prints a completion script for a shell: commands, options, targets, builds.',
  )
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      `
Examples:
  loglin completion bash >~/.local/share/bash-completion/completions/loglin
  loglin completion zsh >~/.zfunc/_loglin        (a folder of $fpath)
  loglin completion fish >~/.config/fish/completions/loglin.fish
`,
    );
  return parse(cmd, args, async () => {
    const script = SCRIPTS[cmd.args[0] ?? ''];
    if (!script) throw new Failure('completion: want bash, zsh or fish');
    const shapes: CommandShape[] = [];
    for (const [name, load] of Object.entries(all)) {
      // help takes no options, and the definition of completion is at hand.
      const definition =
        name === 'help' ? undefined : name === 'completion' ? cmd : await definitionOf((await load()).run);
      shapes.push(shapeOf(name, definition));
    }
    print(script(shapes));
    return 0;
  });
}

/** Prints candidates. A shell that completes must not see any error. */
function answer(what: string, args: readonly string[]): void {
  const dashes = args.indexOf('--');
  const typed = args.slice(0, Math.max(0, dashes))[0] ?? '';
  const line = args.slice(dashes + 1);
  try {
    const place = placeOf(currentFolder(), valueOf(line, '--store'));
    const build = (valueOf(line, '--build') ?? valueOf(line, '-b'))?.replace(/^.*\.\./, '');
    const lines = what === '--builds' ? buildLines(place.store) : targetNames(place, build, typed);
    print(lines.map((text) => `${text}\n`).join(''));
  } catch (error) {
    if (!isFailure(error) && !(error instanceof Error && 'code' in error)) throw error;
  }
}

/**
 * An option's value on the line typed so far: `-b X`, `--build=X`, also if the shell has split that at the
 * `=`.
 */
function valueOf(line: readonly string[], option: string): string | undefined {
  for (const [i, word] of line.entries()) {
    if (word === option) return line[i + 1] === '=' ? line[i + 2] : line[i + 1];
    if (word.startsWith(`${option}=`)) return word.slice(option.length + 1);
  }
  return undefined;
}
