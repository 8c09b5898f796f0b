/**
 * What consumers of a classic group tell each other inside JoinGroup's `metadata` and SyncGroup's `assignment` (protocol type
 * `consumer`): an int16 version, then one of the layouts below (org.apache.kafka.clients.consumer.internals.ConsumerProtocol).
 * A broker only carries these bytes; it reads them to describe a group.
 */
import { NEVER, type Schema, type Versions } from './api.ts';
import { decode } from './decoder.ts';
import { encode } from './encoder.ts';
import { Reader } from './reader.ts';
import { array, bytes, type Decoded, type Encodable, int32, type Layout, string } from './schema.ts';
import { Writer } from './writer.ts';

const VERSIONS: Versions = [0, 3];

const topicPartitions = {
  topic: string(),
  partitions: array(int32()),
};

/** What a member wants, and what it still holds. */
export const subscription = embedded('ConsumerProtocolSubscription', {
  topics: array(string()),
  userData: bytes({ nullable: 0, default: null }),
  ownedPartitions: array(topicPartitions, { since: 1, default: [] }),
  generationId: int32({ since: 2, default: -1 }),
  rackId: string({ since: 3, nullable: 3, default: null }),
});

/** What a member was given. A member that was given nothing may also have no bytes at all, which are not these. */
export const assignment = embedded('ConsumerProtocolAssignment', {
  assignedPartitions: array(topicPartitions),
  userData: bytes({ nullable: 0, default: null }),
});

/**
 * Reads either; a version that is newer than the last one is read as the last one, as Kafka does. What ends where version 0
 * does is read as that, whatever it says: @platformatic/kafka 1 says 1, and has no more than 0.
 * @throws BrokerError MALFORMED_FRAME
 */
export function readEmbedded<L extends Layout>(schema: Schema<L>, from: Buffer): Decoded<L> {
  const reader = new Reader(from, schema.name);
  const version = reader.int16();
  const least = new Reader(from, schema.name, reader.at);
  const first = decode(schema, 0, least);
  return version > 0 && least.at === from.length ? first : decode(schema, Math.min(version, VERSIONS[1]), reader);
}

/** Writes either. @throws BrokerError MALFORMED_FRAME as `encode` */
export function writeEmbedded<L extends Layout>(schema: Schema<L>, version: number, value: Encodable<L>): Buffer {
  const writer = new Writer(schema.name);
  writer.int16(version);
  encode(schema, version, value, writer);
  return Buffer.concat(writer.finish());
}

function embedded<L extends Layout>(name: string, layout: L): Schema<L> {
  return { name, versions: VERSIONS, flexible: NEVER, layout };
}
