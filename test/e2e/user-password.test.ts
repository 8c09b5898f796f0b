/** A password that is asked for at a terminal: typed twice, shown never. */
import { describe, expect } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { it } from '../support/e2e.ts';
import { noTerminal, Terminal, withoutColour } from '../support/pty.ts';

describe.runIf(noTerminal === undefined)('beck user add at a terminal', () => {
  it('asks twice, and shows no letter of it', async ({ beck }) => {
    const terminal = new Terminal(beck, 'beck user add alice');
    await terminal.shows(/Password of alice/);
    terminal.type('pencil\r');
    await terminal.shows(/Once more/);
    terminal.type('pencil\r');
    const { shown, code } = await terminal.ended();
    expect([code, withoutColour(shown)]).toEqual([
      0,
      expect.stringMatching(/alice was added: SCRAM-SHA-256, SCRAM-SHA-512\n$/),
    ]);
    expect(shown).not.toContain('pen');
    const broker = Broker.open(beck.dir, 'read');
    expect(await broker.users.isPassword('alice', 'pencil')).toBe(true);
    broker.close();
  });

  it('Ctrl-C leaves everything as it was', async ({ beck }) => {
    const terminal = new Terminal(beck, 'beck user add alice');
    await terminal.shows(/Password of alice/);
    terminal.type('\x03');
    expect((await terminal.ended()).code).toBe(130);
    expect((await beck.ok(['user', 'list', '--json'])).stdout).toBe('[]\n');
  });
});
