import type { Cluster, GroupReader } from '../../client/cluster.ts';
import type { CommandLine } from '../command/command-line.ts';
import { DeadLetters } from './dead-letter.ts';
import { FifoStock } from './fifo-stock.ts';
import { Outlet } from './outlet.ts';
import type { PipePlan } from './plan.ts';
import type { PipeReport } from './report.ts';
import { PipeSession } from './session.ts';

interface Setting {
  readonly command: CommandLine;
  readonly report: PipeReport;
  readonly interrupt: AbortSignal;
}

/** Opens what a plan needs, pipes, and closes it again however it ended: the group is left and no transaction is open. */
export async function runPipe(cluster: Cluster, plan: PipePlan, setting: Setting): Promise<void> {
  const { reading, writing, onError, openParser } = plan;
  await requireTopics(cluster, plan);
  const fifos = new FifoStock();
  const opened: { close(): Promise<void> | void }[] = [fifos];
  try {
    const reader = await cluster.joinGroup(reading);
    opened.push({ close: () => leave(reader, setting.report) });
    const held = setting.report.held(reader, cluster);
    opened.push({ close: () => held.stop() });
    const member = () => reader.metadata;
    const outlet = await Outlet.open(cluster, { ...writing, member }, openParser);
    opened.push(outlet);
    const deadLetters = onError.what === 'dlq' ? await DeadLetters.open(cluster, onError.topic, member) : undefined;
    if (deadLetters !== undefined) opened.push(deadLetters);
    const stops = onError.what === 'stop';
    await new PipeSession({ ...plan, ...setting, reader, outlet, deadLetters, stops, fifos }).run();
    if (!setting.interrupt.aborted) await held.end();
  } finally {
    for (const each of opened.reverse()) await each.close();
  }
}

/** Before there is a group: all that is read must be there, and what is written to is there or is made. */
async function requireTopics(cluster: Cluster, { reading, writing, onError }: PipePlan): Promise<void> {
  await cluster.describeTopics(reading.topics);
  const names = [writing.topic, onError.what === 'dlq' ? onError.topic : null].filter((name) => name !== null);
  if (writing.create)
    await cluster.createTopics(
      names.map((name) => ({ name })),
      { ifNotExists: true },
    );
  else await cluster.describeTopics({ names });
}

async function leave(reader: GroupReader, report: PipeReport): Promise<void> {
  const committed = await reader.leave();
  report.news(reader);
  report.end(committed);
}
