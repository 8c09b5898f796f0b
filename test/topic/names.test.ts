import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { checkTopicName, collisionKey, mayCollide, nearestName } from '../../src/topic/names.ts';
import { isTopicId, newTopicId, topicIdText } from '../../src/topic/topic-id.ts';

describe('names that Kafka takes', () => {
  it.each(['a', 'orders', 'Orders-2.eu_west', '...', '-', '_', '0', '__consumer_offsets', 'x'.repeat(249)])(
    '%s',
    (name) => {
      expect(() => checkTopicName(name)).not.toThrow();
    },
  );
});

describe('names that Kafka refuses', () => {
  it.each([
    ['', "'' is no name for a topic: it is empty"],
    ['.', "'.' is no name for a topic: a folder has that name everywhere"],
    ['..', "'..' is no name for a topic: a folder has that name everywhere"],
    ['a b', "'a b' is no name for a topic: it contains ' '"],
    ['a/b', "'a/b' is no name for a topic: it contains '/'"],
    ['café', "'café' is no name for a topic: it contains 'é'"],
    ['😀', "'😀' is no name for a topic: it contains '😀'"],
    ['a\x1b[31m\n\x7f', "'a\\u001b[31m\\n\\u007f' is no name for a topic: it contains '\\u001b'"],
    ['x'.repeat(250), `'${'x'.repeat(60)}…' is no name for a topic: it has 250 characters`],
  ])('%j', (name, message) => {
    expect(() => checkTopicName(name)).toThrow(BrokerError);
    expect(() => checkTopicName(name)).toThrow(
      expect.objectContaining({ code: 'INVALID_TOPIC_EXCEPTION', exitCode: 2, message }),
    );
  });
});

it.each([
  ['a.b', 'a_b', true],
  ['a.b.c', 'a_b.c', true],
  ['a.b', 'a-b', false],
  ['a.b', 'ab', false],
  ['A_b', 'a.b', false],
])('%s and %s are in each other’s way: %s', (a, b, collide) => {
  expect(collisionKey(a) === collisionKey(b)).toBe(collide);
  if (collide) expect([a, b].every(mayCollide)).toBe(true);
});

describe('the name that was meant', () => {
  const names = ['commits', 'orders', 'orders-eu', 'users', 'x'];
  it.each([
    ['ordres', 'orders'],
    ['order', 'orders'],
    ['Orders', 'orders'],
    ['orderss', 'orders'],
    ['oders-eu', 'orders-eu'],
    ['usrs', 'users'],
    ['y', 'x'],
    ['payments', undefined],
    ['odresr', 'orders'],
    ['ords', undefined],
  ])('%s', (typed, meant) => expect(nearestName(typed, names)).toBe(meant));

  it('is the nearest one, the first of equals, and none where there is none', () => {
    expect(nearestName('orders-ez', ['orders-e', 'orders-eu', 'orders-ex'])).toBe('orders-e');
    expect(nearestName('abcdef', ['abcdxy', 'abcdex'])).toBe('abcdex');
    expect(nearestName('orders', [])).toBeUndefined();
    expect(nearestName('z'.repeat(1_000_000), names)).toBeUndefined();
  });
});

describe('topic ids', () => {
  it('are written as Kafka writes them', () => {
    expect(topicIdText(Buffer.from('0123456789abcdeffedcba9876543210', 'hex'))).toBe('ASNFZ4mrze_-3LqYdlQyEA');
  });
  it('are never reserved, never look like a flag, never have another length', () => {
    const bad = ['00'.repeat(16), `${'00'.repeat(15)}01`, `f8${'00'.repeat(15)}`, 'aa'];
    const random = [...bad, 'f0'.repeat(16)].map((hex) => Buffer.from(hex, 'hex'));
    expect(random.map(isTopicId)).toEqual([false, false, false, false, true]);
    expect(newTopicId(() => random.shift() as Buffer).toString('hex')).toBe('f0'.repeat(16));
  });
});
