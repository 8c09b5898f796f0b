const PLAIN = /^[\x20-\x7e]*$/;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** East Asian wide and full-width characters, and those that are drawn as pictures (Unicode Standard Annex 11). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

const ELLIPSIS = '…';

/** Columns of a terminal that the text takes; it has no control characters. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const c of text) width += charWidth(c);
  return width;
}

/** The text, cut to `width` columns with an ellipsis where it has more. */
export function cutText(text: string, width: number): string {
  if (text.length <= width && PLAIN.test(text)) return text;
  if (textWidth(text) <= width) return text;
  let cut = '';
  let room = width - 1;
  for (const c of text) {
    room -= charWidth(c);
    if (room < 0) break;
    cut += c;
  }
  return cut + ELLIPSIS;
}

/** The text with spaces behind it, to `width` columns. */
export function padText(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

function charWidth(c: string): number {
  if (NO_WIDTH.test(c)) return 0;
  return WIDE.test(c) ? 2 : 1;
}
