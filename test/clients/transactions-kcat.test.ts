/** kcat, which is librdkafka: idempotent producing, and reading what was committed. */
import { describe, expect } from 'vitest';
import { it, numbered, unix } from '../support/e2e.ts';
import { kcatReads, serve } from './served.ts';

describe.runIf(unix)('kcat', () => {
  it('idempotent: each record is there once, in its order', async ({ beck }) => {
    await beck.create('t');
    const served = await serve(beck);
    const args = ['-P', '-b', served.brokers.join(','), '-t', 't', '-p', '0', '-X', 'enable.idempotence=true'];
    for (const count of ['10', '1000']) {
      const input = { stdin: numbered(500) };
      const { code, stderr } = await beck.start('kcat', [...args, '-X', `batch.num.messages=${count}`], input).ended;
      expect([code, stderr]).toEqual([0, '']);
    }
    const twice = [...numbered(500).trimEnd().split('\n'), ...numbered(500).trimEnd().split('\n')];
    expect(await beck.lines('t')).toEqual(twice);
    expect(await kcatReads(beck, served, 't')).toEqual(twice);
  });

  it('reads what beck has written in a transaction once it is committed', async ({ beck }) => {
    await beck.create('t');
    const served = await serve(beck);
    const writer = beck.spawn(['produce', 't', '--txn'], { stdin: 'pipe' });
    writer.write(numbered(2000));
    await beck.produce('t', 'outside\n');
    writer.end();
    expect((await writer.ended).code).toBe(0);
    const all = await kcatReads(beck, served, 't');
    expect(all).toEqual(await beck.lines('t'));
    expect(all).toHaveLength(2001);
  });
});
