/** The part of cli-table3 that its own types leave out. */
declare module 'cli-table3/src/utils.js' {
  /** Columns that a text takes on a terminal, colours not counted, wide characters twice. */
  export function strlen(text: string): number;
}
