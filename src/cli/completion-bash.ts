/** The script for bash 3.2 and newer (macOS has no other): `case` tables, and one function that walks the words typed so far. */
import { type Choices, type CompletedCommand, wordTree } from './completion.ts';

export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# bash completion for beck; \`source <(beck completion bash)\` loads it.

# The words that may follow the words of $1.
_beck_words() {
  case $1 in
${cases([...wordTree(commands)].map(([name, words]) => [[name], words.join(' ')]))}
  esac
}

# The flags of the command $1.
_beck_flags() {
  case $1 in
${cases(commands.map(({ name, flags }) => [[name], flags.flatMap(({ names }) => names).join(' ')]))}
  esac
}

# What the flag $2 of the command $1 wants; fails when it wants nothing.
_beck_value() {
  case "$1 $2" in
${cases(valueRows(commands))}
    *) return 1 ;;
  esac
}

# What the command $1 wants at each place.
_beck_args() {
  case $1 in
${cases(commands.filter(({ args }) => args.length > 0).map(({ name, args, repeats }) => [[name], [...args.map(spec), ...(repeats ? ['...'] : [])].join(' ')]))}
  esac
}

_beck_reply() {
  case $1 in
    topics | groups | transactions) COMPREPLY=($(compgen -W "$(command beck completion --$1 \${3:+--data-dir "$3"} 2>/dev/null)" -- "$2")) ;;
    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$2")) ;;
    folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$2")) ;;
    nothing) ;;
    *) COMPREPLY=()
      # What follows a NAME= is for nobody to guess.
      [[ $2 == *=* ]] || COMPREPLY=($(compgen -W "\${1//|/ }" -- "$2"))
      [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null ;;
  esac
}

_beck() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:COMP_POINT} words args command='' flag='' folder='' word i last at=0
  COMPREPLY=()
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  last=$((\${#words[@]} - 1))
  for ((i = 1; i < last; i++)); do
    word=\${words[i]}
    if [[ -n $flag ]]; then
      [[ $flag == --data-dir ]] && folder=$word
      flag=''
    elif [[ $word == --data-dir=* ]]; then folder=\${word#*=}
    elif [[ $word == -* ]]; then _beck_value "$command" "$word" > /dev/null && flag=$word
    elif [[ " $(_beck_words "$command") " == *" $word "* ]]; then command=\${command:+$command }$word
    else at=$((at + 1))
    fi
  done
  word=\${words[last]}
  if [[ -n $flag ]]; then _beck_reply "$(_beck_value "$command" "$flag")" "$word" "$folder"
  elif [[ $word == --*=* ]]; then _beck_reply "$(_beck_value "$command" "\${word%%=*}")" "\${word#*=}" "$folder"
  elif [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$(_beck_flags "$command")" -- "$word"))
  elif [[ -n $(_beck_words "$command") ]]; then COMPREPLY=($(compgen -W "$(_beck_words "$command")" -- "$word"))
  else
    args=($(_beck_args "$command"))
    last=$((\${#args[@]} - 1))
    if ((last > 0 && at >= last)) && [[ \${args[last]} == ... ]]; then at=$((last - 1)); fi
    [[ -n \${args[at]} && \${args[at]} != ... ]] && _beck_reply "\${args[at]}" "$word" "$folder"
  fi
  return 0
}

complete -F _beck beck
`;
}

/** Flags that want the same share a row. */
function valueRows(commands: readonly CompletedCommand[]): [string[], string][] {
  const rows = new Map<string, string[]>();
  for (const { name, flags } of commands) {
    for (const { names, value } of flags) {
      if (!value) continue;
      rows.set(spec(value), [...(rows.get(spec(value)) ?? []), ...names.map((flag) => `${name} ${flag}`)]);
    }
  }
  return [...rows].map(([wanted, patterns]) => [patterns, wanted]);
}

/** One word: `topics`, or the choices with bars between them. */
function spec(choices: Choices): string {
  return 'words' in choices ? choices.words.join('|') : choices.kind;
}

function cases(rows: readonly (readonly [patterns: readonly string[], text: string])[]): string {
  return rows.map(([patterns, text]) => `    ${patterns.map(quote).join(' | ')}) echo ${quote(text)} ;;`).join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
