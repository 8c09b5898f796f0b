import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BrokerError, ERRORS, type ErrorCode, type ErrorDetails, errorSaid, groupDigits } from '../src/errors.ts';

const root = join(import.meta.dirname, '..');

function textOf(...folders: string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return files
    .filter((file) => !/[\\/]errors(\.test)?\.ts$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

describe('the table of errors', () => {
  const codes = Object.keys(ERRORS) as ErrorCode[];

  it('every row is thrown somewhere, and seen by a test', () => {
    const [thrown, tested] = [textOf('src', 'commands', 'bin'), textOf('test')];
    expect(codes.filter((code) => !thrown.includes(code))).toEqual([]);
    expect(codes.filter((code) => !tested.includes(code))).toEqual([]);
  });

  it('fills placeholders from the details; numbers are there to be compared', () => {
    const error = new BrokerError('UNKNOWN_PARTITION', { topic: 'orders', partition: 7, count: 10_000 });
    expect(error.message).toBe('orders has no partition 7; it has 10 000');
    expect(error).toMatchObject({
      code: 'UNKNOWN_PARTITION',
      exitCode: 3,
      hint: '`beck topic describe orders` shows them',
    });
  });

  it('a hint from whoever throws wins over the row', () => {
    expect(
      new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: 'ordres', hint: "did you mean 'orders'?" }).hint,
    ).toBe("did you mean 'orders'?");
  });

  it('is found again from its number and its sentence, as another process says them; so hint and exit code are the same', () => {
    const details = (sentence: string): ErrorDetails =>
      Object.fromEntries([...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, `some ${name}`]));
    const same: ErrorCode[] = [];
    for (const code of codes) {
      const { kafka, message } = ERRORS[code];
      const error = new BrokerError(code, details(message));
      const found = errorSaid(kafka, error.message);
      expect(kafka === -1 || found.message).toBe(kafka === -1 || error.message);
      if (found.code === code) same.push(code);
    }
    // What has one sentence for everything is not told from others of its number.
    const bare = codes.filter(
      (code) => /^\{\w+\}(: \{\w+\})?$/.test(ERRORS[code].message) || ERRORS[code].kafka === -1,
    );
    expect(codes.filter((code) => !same.includes(code) && !bare.includes(code))).toEqual([]);
  });

  it('is found again from its number and what is known here; what nobody here says is a fault, with its number', () => {
    const known = { topic: 'orders', partition: 1 };
    expect(errorSaid(3, null, known)).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', exitCode: 3 });
    expect(errorSaid(3, '', known).message).toBe("there is no topic 'orders'");
    expect(errorSaid(999, null).message).toContain('error 999');
    expect(errorSaid(-1, 'no idea').code).toBe('BUG');
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1 000'],
    [1_048_588, '1 048 588'],
  ])('%i is said as %s', (n, said) => {
    expect(groupDigits(n)).toBe(said);
  });
});
