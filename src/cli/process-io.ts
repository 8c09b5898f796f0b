/** The Io of a real process. Streams, colours and prompts are loaded when they are needed, not before. */
import { descriptorKind } from './descriptor.ts';
import { FdWriter } from './fd-writer.ts';
import type { Io, Source } from './io.ts';
import { terminalPrompter } from './prompts.ts';

export function processIo(): Io {
  return {
    stdin: stdin(),
    stdout: new FdWriter(1, () => process.stdout),
    stderr: new FdWriter(2, () => process.stderr),
    prompter: terminalPrompter,
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
  };
}

function stdin(): Source {
  let isOpen = false;
  return {
    get isTTY() {
      return descriptorKind(0) === 'terminal';
    },
    fd: 0,
    stream() {
      isOpen = true;
      return process.stdin;
    },
    // A pipe that stays open and silent would keep the process alive (CI agents hold such).
    close() {
      if (isOpen) process.stdin.destroy();
    },
  };
}
