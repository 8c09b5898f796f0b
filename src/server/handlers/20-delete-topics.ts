import type { TopicName } from '../../broker/topic-administration.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { deleteTopics } from '../../protocol/messages/20-delete-topics.ts';
import { ZERO_UUID } from '../../protocol/schema.ts';
import type { Topic } from '../../topic/topics.ts';
import { CODE } from '../codes.ts';
import { Refusal } from '../error-code.ts';
import { handler } from '../handler.ts';
import { inTheirPlaces, notRefused } from '../in-order.ts';
import { repeated } from '../repeated.ts';

type Request = RequestOf<typeof deleteTopics>;
type Asked = Request['topics'][number];

/** Topics, what lies in them and what groups know of them are gone when they are answered. */
export const answerDeleteTopics = handler(
  deleteTopics,
  async (request, { broker }) => {
    const asked = askedFor(request);
    const twice = repeated(asked.map(keyOf));
    const once = asked.filter((topic, i) => asked.findIndex((other) => keyOf(other) === keyOf(topic)) === i);
    const checked = once.map((topic) => (twice.has(keyOf(topic)) ? TWICE : named(topic)));
    const removed = inTheirPlaces(checked, await broker.topics.remove(notRefused(checked)));
    const responses = once.map((topic, i) => answer(topic, removed[i] as Topic | Refusal));
    return { responses };
  },
  (request, code, message) => ({
    responses: askedFor(request).map((topic) => answer(topic, new Refusal(code, message))),
  }),
);

const TWICE = new Refusal(CODE.INVALID_REQUEST, 'the topic is asked for twice');

function askedFor({ topics, topicNames }: Request): readonly Asked[] {
  return [...topics, ...topicNames.map((name) => ({ name, topicId: ZERO_UUID }))];
}

function keyOf({ name, topicId }: Asked): string {
  return `${name ?? ''} ${topicId.toString('hex')}`;
}

function named({ name, topicId }: Asked): TopicName | Refusal {
  const hasId = !topicId.equals(ZERO_UUID);
  if (name === null && hasId) return { id: topicId };
  if (name !== null && !hasId) return { name };
  return new Refusal(CODE.INVALID_REQUEST, 'a topic is named either by its name or by its id');
}

function answer({ name, topicId }: Asked, result: Topic | Refusal) {
  if (result instanceof Refusal) return { name, topicId, errorCode: result.code, errorMessage: result.message || null };
  return { name: result.name, topicId: result.uuid, errorCode: CODE.NONE };
}
