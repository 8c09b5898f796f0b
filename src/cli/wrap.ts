/** Text in a given width. Words are never broken; a word longer than a line stands alone on it. */

/** Lines of at most `width` columns; those after the first begin with `indent` spaces. Line breaks in the text stay. */
export function wrap(text: string, width: number, indent = 0): string[] {
  return text.split('\n').flatMap((paragraph) => wrapWords(paragraph.split(' '), width, indent));
}

function wrapWords(words: readonly string[], width: number, indent: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of words) {
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && longer.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else line = longer;
  }
  return [...lines, line ?? ''];
}

export type Definition = readonly [term: string, meaning: string];

/** In less, a second column would leave no room for words. */
const TWO_COLUMNS_FROM = 60;
/** No term pushes the meanings further to the right than this. */
const WIDEST_TERM = 28;
const INDENT = 2;
const GAP = 3;

/** Terms on the left, meanings in one column beside them; under a term that is too wide, its meaning. */
export function definitions(rows: readonly Definition[], width: number): string[] {
  const widest = width < TWO_COLUMNS_FROM ? 0 : WIDEST_TERM;
  const fitting = rows.map(([term]) => term.length).filter((length) => length <= widest);
  const column = INDENT + Math.max(0, ...fitting) + GAP;
  return rows.flatMap(([term, meaning]) => {
    const lines = wrap(meaning, width - column);
    const isWide = INDENT + term.length + GAP > column;
    const head = ' '.repeat(INDENT) + term;
    if (isWide) return [head, ...lines.map((line) => ' '.repeat(column) + line)];
    return lines.map((line, i) => ((i === 0 ? head.padEnd(column) : ' '.repeat(column)) + line).trimEnd());
  });
}

/** Commands on the left and what they do beside them; where that is too wide, what they do stands above. */
export function examples(rows: readonly Definition[], width: number): string[] {
  const column = INDENT + Math.max(...rows.map(([command]) => command.length)) + GAP;
  const isFitting = rows.every(([, says]) => column + says.length <= width);
  if (isFitting) return rows.map(([command, says]) => `${(' '.repeat(INDENT) + command).padEnd(column)}${says}`);
  return rows.flatMap(([command, says], i) => [
    ...(i === 0 ? [] : ['']),
    ...wrap(`# ${says}`, width - INDENT).map((line) => ' '.repeat(INDENT) + line),
    ' '.repeat(INDENT) + command,
  ]);
}
