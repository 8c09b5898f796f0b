/** Where the server talks to who runs it: sentences, a line each. */
export interface ServerLog {
  /** What somebody should know. */
  warn(line: string): void;
  /** What somebody wants to know who looks closely. */
  note(line: string): void;
  /** Whether notes are heard. */
  readonly isVerbose: boolean;
}
