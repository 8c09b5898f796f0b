/** The script for fish: one `complete` line a command, flag and argument, each with its sentence. */
import { type Choices, type CompletedCommand, type CompletedFlag, sentenceOf, wordTree } from './completion.ts';

export function fishScript(commands: readonly CompletedCommand[]): string {
  const groups = [...wordTree(commands)].flatMap(([parent, words]) =>
    words.map((word) =>
      line(parent, ['-a', quote(word), '-d', quote(sentenceOf(`${parent} ${word}`.trim(), commands))]),
    ),
  );
  return `# fish completion for beck; \`beck completion fish | source\` loads it.

# The words before the cursor that name a command: "topic create".
function __beck_command
    set -l found
    for word in (commandline -opc)[2..-1]
        contains -- "$found $word" $__beck_names; or break
        set found "$found $word"
    end
    string trim -- "$found"
end

function __beck_at
    test (__beck_command) = "$argv[1]"
end

function __beck_topics
    command beck completion --topics 2>/dev/null
end

function __beck_groups
    command beck completion --groups 2>/dev/null
end

function __beck_transactions
    command beck completion --transactions 2>/dev/null
end

set -g __beck_names ${[...names(commands)].map((name) => quote(` ${name}`)).join(' ')}

complete -c beck -f
${[...groups, ...commands.flatMap(commandLines)].join('\n')}
`;
}

/** Every beginning of a command's words. */
function names(commands: readonly CompletedCommand[]): Set<string> {
  return new Set(commands.flatMap(({ name }) => name.split(' ').map((_, i, words) => words.slice(0, i + 1).join(' '))));
}

function commandLines({ name, flags, args }: CompletedCommand): string[] {
  const wanted = new Set(args.map((choices) => line(name, choiceOptions(choices))));
  return [...wanted, ...flags.map((flag) => line(name, flagOptions(flag)))];
}

function flagOptions({ names: words, summary, value }: CompletedFlag): string[] {
  const spelled = words.flatMap((word) => (word.startsWith('--') ? ['-l', word.slice(2)] : ['-s', word.slice(1)]));
  return [...spelled, ...(value ? ['-r', ...choiceOptions(value)] : []), '-d', quote(summary)];
}

function choiceOptions(choices: Choices): string[] {
  if ('words' in choices) return ['-f', '-a', quote(choices.words.join(' '))];
  switch (choices.kind) {
    case 'topics':
    case 'groups':
    case 'transactions':
      return ['-f', '-a', `'(__beck_${choices.kind})'`];
    case 'files':
      return ['-F'];
    case 'folders':
      return ['-f', '-a', "'(__fish_complete_directories)'"];
    case 'nothing':
      return ['-f'];
  }
}

function line(at: string, options: readonly string[]): string {
  return ['complete -c beck -n', quote(`__beck_at ${quote(at)}`), ...options].join(' ');
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
