// The completion script for zsh: sourced, or as a file _loglin on the fpath. A wrapped program is completed
// as it would be on its own.

import { type CommandShape, type Kind, type OptionShape, quoted } from './describe.ts';

export function zshScript(commands: readonly CommandShape[]): string {
  const run = commands.find(({ name }) => name === 'run');
  const others = commands.filter((command) => command !== run);
  return `#compdef loglin
# zsh completion for loglin; made by \`loglin completion zsh\`.

_loglin_targets() {
  local -a names
  names=( \${(f)"$(loglin completion --targets "\${(Q)PREFIX}" -- $loglin_line 2>/dev/null)"} )
  _wanted targets expl target compadd -a names
}

_loglin_builds() {
  local -a builds
  builds=( \${(f)"$(loglin completion --builds -- $loglin_line 2>/dev/null)"} )
  _describe -V build builds
}

_loglin_first() {
  _alternative 'commands:loglin command:(($loglin_commands))' 'programs:program:_command_names -e'
}

_loglin() {
  local -a loglin_commands loglin_line
  loglin_commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${escaped(description)}`)}`).join('\n')}
  )
  loglin_line=( "\${(@Q)words[2,CURRENT-1]}" )
  local curcontext=$curcontext command= first=_loglin_first
  if (( CURRENT > 2 )) && [[ -n \${(M)loglin_commands:#\${(b)words[2]}:*} ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
    first='_command_names -e'
  fi
  case $command in
${others.map(one).join('\n')}
    *)
      _arguments -S ${specs(run?.options ?? [])} \\
        "(-)1:program:$first" '*:: :_normal' ;;
  esac
}

if [[ \${funcstack[1]} == _loglin ]]; then
  _loglin "$@"
else
  compdef _loglin loglin
fi
`;
}

function one({ name, options, operands }: CommandShape): string {
  const rest = operands === 'nothing' ? '' : ` \\\n        '*:${operandName(operands)}:${action(operands)}'`;
  return `    ${name})\n      _arguments -s -S ${specs(options)}${rest} ;;`;
}

/** As _arguments has them: '(-b --build)'{-b+,--build=}'[another build]:build:_loglin_builds'. */
function specs(options: readonly OptionShape[]): string {
  return options
    .map(({ flags, description, value, optional }) => {
      const text = `[${escaped(description).replaceAll(/[[\]]/g, String.raw`\$&`)}]`;
      const names = flags.map((flag) => {
        if (value === undefined) return flag;
        return optional ? `${flag}=-` : flag.startsWith('--') ? `${flag}=` : `${flag}+`;
      });
      const after =
        value === undefined ? '' : `${optional ? '::' : ':'}${operandName(value)}:${action(value)}`;
      if (names.length === 1) return quoted(`${names[0] ?? ''}${text}${after}`);
      return `${quoted(`(${flags.join(' ')})`)}{${names.join(',')}}${quoted(text + after)}`;
    })
    .join(' \\\n        ');
}

function operandName(kind: Kind): string {
  if (kind === 'targets') return 'target';
  if (kind === 'builds') return 'build';
  return kind === 'files' ? 'file' : kind === 'folders' ? 'directory' : 'value';
}

function action(kind: Kind): string {
  if (kind === 'targets') return '_loglin_targets';
  if (kind === 'builds') return '_loglin_builds';
  if (kind === 'files') return '_files';
  if (kind === 'folders') return '_directories';
  return typeof kind === 'string' ? ' ' : `(${kind.join(' ')})`;
}

/** A colon ends a part of a specification. */
function escaped(text: string): string {
  return text.replaceAll(/[\\:]/g, String.raw`\$&`);
}
