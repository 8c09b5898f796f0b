import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForInterrupts } from '../../src/cli/interrupts.ts';
import { buildProbe, ended, type Probe, said } from './probe.ts';

describe('Ctrl-C (I5)', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks first, and ends at the second', () => {
    const exit = vi.fn();
    const interrupts = listenForInterrupts(exit);
    expect(interrupts.signal.aborted).toBe(false);
    process.emit('SIGINT');
    expect([interrupts.signal.aborted, exit.mock.calls]).toEqual([true, []]);
    process.emit('SIGINT');
    expect(exit.mock.calls).toEqual([[130]]);
    interrupts.dispose();
  });

  it('does not wait longer than two seconds', () => {
    const exit = vi.fn();
    const interrupts = listenForInterrupts(exit);
    process.emit('SIGTERM');
    vi.advanceTimersByTime(1999);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(exit.mock.calls).toEqual([[130]]);
    interrupts.dispose();
  });

  it('leaves signals to whoever asks for them, until they are given back', () => {
    const exit = vi.fn();
    const interrupts = listenForInterrupts(exit);
    const giveBack = interrupts.cede();
    process.emit('SIGINT');
    process.emit('SIGINT');
    vi.advanceTimersByTime(5000);
    expect([interrupts.signal.aborted, exit.mock.calls]).toEqual([false, []]);
    giveBack();
    process.emit('SIGINT');
    expect(interrupts.signal.aborted).toBe(true);
    interrupts.dispose();
  });

  it('listens no more once the command has ended', () => {
    const before = process.listenerCount('SIGINT');
    listenForInterrupts().dispose();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('a process', () => {
  let probe: Probe;
  beforeAll(async () => {
    probe = await buildProbe();
  });
  afterAll(() => probe.remove());

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with 130 after %s, and leaves in order', async (signal) => {
    const child = probe.start(['follow']);
    const end = ended(child);
    await said(child, 'ready');
    child.kill(signal);
    expect(await end).toMatchObject({ code: 130, signal: null, stderr: 'ready\ninterrupted\n' });
  });

  it('that does not listen ends at the second Ctrl-C', async () => {
    const child = probe.start(['deaf']);
    const end = ended(child);
    await said(child, 'ready');
    child.kill('SIGINT');
    await said(child, 'heard');
    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 130, signal: null });
  });

  it('that does not listen ends by itself after the first', async () => {
    const child = probe.start(['deaf']);
    const end = ended(child);
    await said(child, 'ready');
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 130, signal: null });
  });

  it('can be interrupted while its reader is asleep', async () => {
    const child = probe.start(['print', '1000000', '1000']);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.stdout?.pause();
    await new Promise((resolve) => child.stdout?.once('readable', resolve));
    child.kill('SIGINT');
    expect(await exited).toBe(130);
  });

  it('is not kept alive by a stdin that stays open', async () => {
    const child = probe.start(['read', 'one']);
    const end = ended(child);
    child.stdin?.write('hello');
    expect(await end).toMatchObject({ code: 0, stdout: Buffer.from('hello') });
  });

  it.each(['now', 'later'])('with a fault %s says so and ends with 70', async (when) => {
    const { code, stderr } = await probe.run(['throw', when]);
    expect([code, stderr.split('\n')[0]]).toEqual([70, 'a fault of beck itself: a fault (BUG)']);
  });
});
