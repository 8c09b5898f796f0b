/** Bytes of others on a terminal or in a column: what would move the cursor or end the line is shown instead of done. */

const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for (C0, DEL, C1)
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

export function printable(text: string): string {
  return text.replace(CONTROL, (char) => NAMED[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
