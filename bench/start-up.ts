/** What a short command costs, in times of what Node itself costs. */
import { BECK, inTurns } from './ground.ts';
import { ratioOf } from './row.ts';
import type { Section } from './setting.ts';

/** A pipe as a shell makes it, which is not what `spawn` gives to a child; Node behind one is what it is compared to. */
const PIPED = 'echo x | "$0" "$@"';
const RECORDS = '{"id":1}\n'.repeat(100);

export const startUp: Section = async ({ ground, startUpRounds }) => {
  const dataDir = ground.topic();
  ground.beck(['produce', 't'], { dataDir, input: RECORDS });
  const beck =
    (...args: readonly string[]) =>
    () =>
      ground.beck(args, { dataDir }).ms;
  const piped =
    (...args: readonly string[]) =>
    () =>
      ground.run('sh', ['-c', PIPED, process.execPath, ...args], { dataDir }).ms;
  const times = await inTurns(startUpRounds, {
    node: () => ground.run(process.execPath, ['-e', '0']).ms,
    version: beck('--version'),
    list: beck('topic', 'list'),
    piped: piped('-e', '0'),
    produce: piped(BECK, 'produce', 't'),
    consume: beck('consume', 't', '-n', '1'),
  });
  const method = `medians of ${startUpRounds} runs in turns with node -e 0 (both behind echo x | where that is written), NODE_EXTRA_CA_CERTS unset, code cache made before`;
  const row = (what: string, a: keyof typeof times, wanted?: number) =>
    ({
      group: 'Start-up, against node -e 0',
      what,
      ...ratioOf(times[a], a === 'produce' ? times.piped : times.node),
      wanted,
      method,
    }) as const;
  return [
    row('beck --version', 'version'),
    row('beck topic list', 'list', 2),
    row('echo x | beck produce t', 'produce', 2.4),
    row('beck consume t -n 1', 'consume'),
  ];
};
