import type { Beck } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';

export interface Served {
  readonly live: Live;
  /** Addresses, as clients want them. */
  readonly brokers: string[];
}

/** `beck serve` on ports of its own, until the test ends. */
export async function serve(beck: Beck, ...flags: readonly string[]): Promise<Served> {
  const live = beck.spawn(['serve', '--listen', '127.0.0.1:0', ...flags]);
  const { bootstrap } = JSON.parse(await live.prints(1)) as { bootstrap: string };
  return { live, brokers: bootstrap.split(',') };
}

/** What kcat reads of the first partition, up to the end that its isolation has. */
export async function kcatReads(
  beck: Beck,
  { brokers }: Served,
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<string[]> {
  const from = ['-b', brokers.join(','), '-t', topic, '-p', '0', '-o', 'beginning'];
  const { code, stdout, stderr } = await beck.start('kcat', [
    '-C',
    '-e',
    '-q',
    ...from,
    '-X',
    `isolation.level=${isolation}`,
  ]).ended;
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${stderr}`);
  return stdout.split('\n').slice(0, -1);
}
