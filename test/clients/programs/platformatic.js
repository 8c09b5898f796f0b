/**
 * A consumer of a group as @platformatic/kafka's documentation shows it: `platformatic.js BROKERS GROUP TOPIC`, of the package and
 * with the protocol that PACKAGE and PROTOCOL name, as the static member INSTANCE. Prints `P:O VALUE` for each record, and on
 * stderr how it is assigned; leaves on SIGTERM.
 */
const { Consumer, stringDeserializers } = await import(process.env.PACKAGE ?? '@platformatic/kafka');
const [brokers = '', groupId = '', topic = ''] = process.argv.slice(2);
const { PROTOCOL: groupProtocol = 'classic', INSTANCE: groupInstanceId, SESSION_MS } = process.env;

const consumer = new Consumer({
  clientId: 'platformatic',
  groupId,
  bootstrapBrokers: brokers.split(','),
  deserializers: stringDeserializers,
  retries: 20,
  retryDelay: 100,
  groupProtocol,
  ...(groupInstanceId ? { groupInstanceId } : {}),
  ...(groupProtocol === 'classic' ? { sessionTimeout: Number(SESSION_MS ?? 10_000), heartbeatInterval: 300 } : {}),
});
let said;
const say = () => {
  const mine = (consumer.assignments ?? []).find((each) => each.topic === topic)?.partitions ?? [];
  const now = `assigned ${[...mine].sort().join(' ')}.\n`;
  if (now !== said) process.stderr.write(now);
  said = now;
};
for (const name of ['consumer:group:join', 'consumer:heartbeat:end']) consumer.on(name, say);

const stream = await consumer.consume({
  topics: [topic],
  autocommit: true,
  mode: 'committed',
  fallbackMode: 'earliest',
  maxWaitTime: 500,
});
process.once('SIGTERM', () => consumer.close(true).then(() => process.exit(0)));
stream.on('error', (error) => process.stderr.write(`${error}\n`));
for await (const { partition, offset, value } of stream) process.stdout.write(`${partition}:${offset} ${value}\n`);
