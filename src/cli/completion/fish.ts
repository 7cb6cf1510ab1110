// The completion for fish, 3.2 and newer. A wrapped program completes as it would alone.

import { type CommandShape, type Kind, valuedFlags } from './describe.ts';

// eslint-disable-next-line max-lines-per-function -- the script is one text
export function fishScript(commands: readonly CommandShape[]): string {
  const run = commands.find(({ name }) => name === 'run');
  const names = commands.map(({ name }) => name).join(' ');
  return `# fish completion for loglin; made by \`loglin completion fish\`.

# Where the cursor is: 'first' (no command yet), 'run' (its options, or the program), 'program' (after it), or in a command's line.
function __loglin_place
    set -l words (commandline -opc)
    set -e words[1]
    set -l place first
    if set -q words[1]; and contains -- $words[1] ${names}
        if test $words[1] != run
            echo $words[1]
            return
        end
        set -e words[1]
        set place run
    else if set -q words[1]
        set place run
    end
    while set -q words[1]
        switch $words[1]
            case --
                echo program
                return
            case ${(run ? valuedFlags(run) : []).join(' ')}
                set -e words[1]
            case '-*'
            case '*'
                echo program
                return
        end
        set -e words[1]
    end
    echo $place
end

function __loglin_at
    contains -- (__loglin_place) $argv
end

# The line from the wrapped program on.
function __loglin_program
    set -l words (commandline -opc)
    set -e words[1]
    test "$words[1]" = run; and set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --
                set -e words[1]
                break
            case ${(run ? valuedFlags(run) : []).join(' ')}
                set -e words[1]
            case '-*'
            case '*'
                break
        end
        set -e words[1]
    end
    __fish_complete_subcommand --commandline $words (commandline -ct)
end

function __loglin_program_wanted
    __loglin_at program; and return
    __loglin_at first run; and not string match -q -- '-*' (commandline -ct)
end

function __loglin_targets
    set -l words (commandline -opc)
    loglin completion --targets (commandline -ct) -- $words[2..] 2>/dev/null
end

function __loglin_builds
    set -l words (commandline -opc)
    loglin completion --builds -- $words[2..] 2>/dev/null | string replace : \\t
end

complete -c loglin -f
complete -c loglin -n __loglin_program_wanted -a '(__loglin_program)'
${commands.map(({ name, description }) => `complete -c loglin -n '__loglin_at first' -a ${name} -d ${fishQuoted(description)}`).join('\n')}
${commands.map(lines).join('\n')}
`;
}

function lines({ name, options, operands }: CommandShape): string {
  const place = `-n ${fishQuoted(name === 'run' ? '__loglin_at first run' : `__loglin_at ${name}`)}`;
  const all = options.map(({ flags, description, value, optional }) => {
    const names = flags.map((flag) =>
      flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
    );
    const takes =
      value === undefined
        ? ''
        : ` ${optional ? '' : value === 'files' ? '-r -F ' : '-x '}${candidates(value)}`;
    return `complete -c loglin ${place} ${names.join(' ')}${takes} -d ${fishQuoted(description)}`;
  });
  if (operands === 'files') all.push(`complete -c loglin ${place} -F`);
  else if (operands !== 'nothing' && operands !== 'program')
    all.push(`complete -c loglin ${place} ${candidates(operands)}`);
  return all.join('\n');
}

function candidates(kind: Kind): string {
  if (kind === 'targets') return "-k -a '(__loglin_targets)'";
  if (kind === 'builds') return "-k -a '(__loglin_builds)'";
  if (kind === 'folders') return "-a '(__fish_complete_directories)'";
  return typeof kind === 'string' ? '' : `-a ${fishQuoted(kind.join(' '))}`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
