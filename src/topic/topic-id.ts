/** Topic ids (KIP-516): 16 bytes, written as Kafka's org.apache.kafka.common.Uuid writes them. */

/** Kafka keeps these two for itself: no id, and the metadata log. */
const RESERVED: readonly string[] = ['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ'];

/** 22 characters, URL-safe base64 without padding. */
export function topicIdText(uuid: Buffer): string {
  return uuid.toString('base64url');
}

/** False for ids that Kafka would not give a topic: reserved ones, and those that a shell would take for a flag. */
export function isTopicId(uuid: Buffer): boolean {
  const text = topicIdText(uuid);
  return uuid.length === 16 && !RESERVED.includes(text) && !text.startsWith('-');
}

/** An id for a new topic; `random` gives 16 random bytes as often as it is asked. */
export function newTopicId(random: () => Buffer): Buffer {
  let uuid = random();
  while (!isTopicId(uuid)) uuid = random();
  return uuid;
}
