// The completion script for bash, 3.2 and newer. If bash-completion is loaded, a wrapped program is completed
// as it would be on its own.

import { type CommandShape, type Kind, quoted, valuedFlags } from './describe.ts';

// eslint-disable-next-line max-lines-per-function -- the script is one text
export function bashScript(commands: readonly CommandShape[]): string {
  const run = commands.find(({ name }) => name === 'run');
  const others = commands.filter((command) => command !== run);
  const valued = run ? valuedFlags(run) : [];
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ flags, value, optional }) =>
      value === undefined
        ? []
        : [
            `    ${flags.map((flag) => `${name}:${flag}${optional ? '=' : ''}`).join(' | ')}) ${kind(value)} ;;`,
          ],
    ),
  );
  const operands = others.flatMap(({ name, operands: what }) =>
    what === 'nothing' ? [] : [`    ${name}) ${kind(what)} ;;`],
  );
  const options = commands.map(({ name, options: all }) => {
    const flags = all.flatMap(({ flags: own, optional }) =>
      own.flatMap((flag) => (optional ? [flag, `${flag}=`] : [flag])),
    );
    return `    ${name}) list=${quoted(flags.join(' '))} ;;`;
  });
  return `# bash completion for loglin; made by \`loglin completion bash\`.

# Takes the candidates that begin with the current word, one a line: they may hold blanks and what bash would expand.
_loglin_take() {
  local line head=
  # Readline cuts words at colons, and replaces what follows the last one.
  [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && head=\${cur%"\${cur##*:}"}
  while IFS= read -r line; do
    [[ $line == "$cur"* ]] || continue
    line=\${line#"$head"}
    [[ $1 == quoted ]] && printf -v line %q "$line"
    COMPREPLY+=("$line")
  done
}

_loglin_kind() {
  case $1 in
    targets) _loglin_take quoted < <(loglin completion --targets "$cur" -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null) ;;
    builds) _loglin_take plain < <(loglin completion --builds -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null | cut -d: -f1) ;;
    files) compopt -o filenames 2>/dev/null; _loglin_take plain < <(compgen -f -- "$cur") ;;
    folders) compopt -o filenames 2>/dev/null; _loglin_take plain < <(compgen -d -- "$cur") ;;
    words) shift; _loglin_take plain < <(printf '%s\\n' "$@") ;;
  esac
}

# How the value of an option is completed: COMMAND:OPTION.
_loglin_value() {
  case $1 in
${values.join('\n')}
    *) return 1 ;;
  esac
}

_loglin_operands() {
  case $1 in
${operands.join('\n')}
  esac
}

_loglin_options() {
  local list=
  case $1 in
${options.join('\n')}
  esac
  # shellcheck disable=SC2086
  _loglin_kind words $list
  [[ \${COMPREPLY[0]-} == *= && \${#COMPREPLY[@]} -eq 1 ]] && compopt -o nospace 2>/dev/null
}

_loglin() {
  COMPREPLY=()
  local cur=\${COMP_WORDS[COMP_CWORD]} line=\${COMP_LINE:0:COMP_POINT} command=run at=1 only=
  # The whole of a word with a colon in it.
  [[ $line =~ [^[:space:]]*:[^[:space:]]*$ && $line != *[\\'\\"\\\\]* ]] && cur=\${BASH_REMATCH[0]##*=}
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
      run) at=2 ;;
      ${others.map(({ name }) => name).join(' | ')}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  if [[ $command == run ]]; then
    # The program: the first word that is neither an option nor the value of one.
    while ((at < COMP_CWORD)); do
      case \${COMP_WORDS[at]} in
        --) ((at++)); only=1; break ;;
        ${valued.join(' | ')})
          if [[ \${COMP_WORDS[at + 1]-} == '=' ]]; then ((at += 3)); else ((at += 2)); fi ;;
        -*) if [[ \${COMP_WORDS[at + 1]-} == '=' ]]; then ((at += 3)); else ((at++)); fi ;;
        *) break ;;
      esac
    done
    if ((at < COMP_CWORD)) || { ((at == COMP_CWORD)) && [[ $only || $cur != -* ]]; }; then
      if ((at == COMP_CWORD)) && [[ ! $only && \${COMP_WORDS[1]} != run && $at -eq 1 ]]; then
        _loglin_kind words ${commands.map(({ name }) => name).join(' ')}
        _loglin_take plain < <(compgen -c -- "$cur" | sort -u)
        compopt -o filenames 2>/dev/null
        _loglin_take plain < <(compgen -f -- "$cur")
      elif declare -F _command_offset >/dev/null; then
        _command_offset "$at"
      elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$at"
      else
        compopt -o default 2>/dev/null
      fi
      return
    fi
  fi
  local before=\${COMP_WORDS[COMP_CWORD - 1]}
  if [[ $cur == '=' ]]; then
    cur=
    _loglin_value "$command:$before" || _loglin_value "$command:$before="
  elif [[ $before == '=' ]]; then
    _loglin_value "$command:\${COMP_WORDS[COMP_CWORD - 2]}" || _loglin_value "$command:\${COMP_WORDS[COMP_CWORD - 2]}="
  elif _loglin_value "$command:$before"; then
    :
  elif [[ $cur == -* ]]; then
    _loglin_options "$command"
  else
    _loglin_operands "$command"
  fi
}

complete -F _loglin loglin
`;
}

function kind(what: Kind): string {
  if (what === 'nothing' || what === 'program') return ':';
  return typeof what === 'string'
    ? `_loglin_kind ${what}`
    : `_loglin_kind words ${what.map(quoted).join(' ')}`;
}
