/**
 * A consumer of a group as kafkajs' documentation shows it: `kafkajs.js BROKERS GROUP TOPIC`. Prints `P:O VALUE` for each record,
 * and on stderr how it is assigned; leaves on SIGTERM.
 */
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;
const [brokers = '', groupId = '', topic = ''] = process.argv.slice(2);
const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 20 };
const kafka = new Kafka({ clientId: 'kafkajs', brokers: brokers.split(','), logLevel: logLevel.ERROR, retry });
const sessionTimeout = Number(process.env.SESSION_MS ?? 10_000);
const consumer = kafka.consumer({ groupId, sessionTimeout, heartbeatInterval: 300, maxWaitTimeInMs: 500 });

consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) =>
  process.stderr.write(`assigned ${[...(memberAssignment[topic] ?? [])].sort().join(' ')}.\n`),
);
process.once('SIGTERM', () => consumer.disconnect().then(() => process.exit(0)));

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  autoCommitThreshold: 1,
  eachMessage: async ({ partition, message: { offset, value } }) =>
    process.stdout.write(`${partition}:${offset} ${value}\n`),
});
