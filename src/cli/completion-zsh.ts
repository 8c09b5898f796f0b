/** The script for zsh: `_describe` for the words, `_arguments` for flags and values, each with its sentence. */
import { type Choices, type CompletedCommand, type CompletedFlag, sentenceOf, wordTree } from './completion.ts';

export function zshScript(commands: readonly CompletedCommand[]): string {
  const groups = [...wordTree(commands)].map(([parent, words]) => groupCase(parent, words, commands));
  return `#compdef beck
# zsh completion for beck; \`source <(beck completion zsh)\` loads it, or put it into a folder of $fpath as _beck.

# The names that \`beck completion $1\` prints.
_beck_names() {
  local -a names
  names=(\${(f)"$(command beck completion $1 \${opt_args[--data-dir]:+--data-dir \${opt_args[--data-dir]}} 2>/dev/null)"})
  compadd -a names
}
_beck_topics() { _beck_names --topics }
_beck_groups() { _beck_names --groups }
_beck_transactions() { _beck_names --transactions }

_beck() {
  local curcontext=$curcontext state line name=''
  local -A opt_args
  local -a rows
  while ((CURRENT > 2)) && [[ \${words[2]} != -* ]] && _beck_goes_on "$name" "\${words[2]}"; do
    name=\${name:+$name }\${words[2]}
    words[2]=()
    ((CURRENT--))
  done
  case $name in
${[...groups, ...commands.map(commandCase)].join('\n')}
  esac
}

# Whether a command's words go on with $2 after $1.
_beck_goes_on() {
  case "$1 $2" in
    ${[...wordTree(commands)].flatMap(([parent, words]) => words.map((word) => quote(`${parent} ${word}`))).join(' | ')}) return 0 ;;
    *) return 1 ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _beck "$@"; else compdef _beck beck; fi
`;
}

function groupCase(parent: string, words: readonly string[], commands: readonly CompletedCommand[]): string {
  const rows = words.map((word) =>
    quote(`${word}:${sentenceOf(`${parent} ${word}`.trim(), commands).replaceAll(':', '\\:')}`),
  );
  return `    ${quote(parent)})\n      rows=(${rows.join(' ')})\n      _describe command rows ;;`;
}

function commandCase({ name, flags, args, repeats }: CompletedCommand): string {
  const places = args.map((choices, i) => {
    const place = repeats && i === args.length - 1 ? '*' : String(i + 1);
    return quote(`${place}:${action(choices)}`);
  });
  return `    ${quote(name)})\n      _arguments -s \\\n        ${[...flags.flatMap(flagSpecs), ...places].join(' \\\n        ')} ;;`;
}

/** `(-p --partitions)-p+[how many]:value:`: spelled both ways, given once unless it repeats. */
function flagSpecs({ names, summary, value, repeats }: CompletedFlag): string[] {
  const before = repeats ? '*' : `(${names.join(' ')})`;
  const said = summary.replace(/[[\]:\\]/g, '\\$&');
  return names.map((flag) => {
    const joined = value === undefined ? '' : flag.startsWith('--') ? '=' : '+';
    return quote(`${before}${flag}${joined}[${said}]${value === undefined ? '' : `:${action(value)}`}`);
  });
}

/** What `_arguments` does at a place: a word for the reader, then where the matches come from. */
function action(choices: Choices): string {
  if ('words' in choices) return wordsAction(choices.words);
  switch (choices.kind) {
    case 'topics':
      return 'topic:_beck_topics';
    case 'groups':
      return 'group:_beck_groups';
    case 'transactions':
      return 'transaction:_beck_transactions';
    case 'files':
      return 'file:_files';
    case 'folders':
      return 'folder:_files -/';
    case 'nothing':
      return 'value: ';
  }
}

/** After a `name=` there is no space. */
function wordsAction(words: readonly string[]): string {
  if (!words.every((word) => word.endsWith('='))) return `value:(${words.join(' ')})`;
  return `name:{compadd -S = -- ${words.map((word) => word.slice(0, -1)).join(' ')}}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
