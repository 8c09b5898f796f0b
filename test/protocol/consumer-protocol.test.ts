import { describe, expect, it } from 'vitest';
import { assignment, readEmbedded, subscription, writeEmbedded } from '../../src/protocol/consumer-protocol.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const V0 = '00000002 0001 61 0002 6262 ffffffff';
const OWNED = '00000001 0001 61 00000002 00000000 00000003';

describe('what consumers tell each other', () => {
  it.each([
    ['0', `0000 ${V0}`, { ownedPartitions: [], generationId: -1, rackId: null }],
    ['1', `0001 ${V0} ${OWNED}`, { generationId: -1, rackId: null }],
    ['3', `0003 ${V0} ${OWNED} 00000007 0002 7231`, { generationId: 7, rackId: 'r1' }],
    ['a newer one, read as 3', `0004 ${V0} ${OWNED} 00000007 0002 7231 ffee`, { generationId: 7, rackId: 'r1' }],
  ])('a subscription of version %s', (_, text, rest) => {
    const ownedPartitions = [{ topic: 'a', partitions: [0, 3] }];
    expect(readEmbedded(subscription, hex(text))).toEqual({
      topics: ['a', 'bb'],
      userData: null,
      ownedPartitions,
      ...rest,
    });
  });

  it('a subscription that has no more than version 0 is read as that', () => {
    expect(readEmbedded(subscription, hex(`0001 ${V0}`))).toMatchObject({ topics: ['a', 'bb'], ownedPartitions: [] });
  });

  it('an assignment, as it was written', () => {
    const given = { assignedPartitions: [{ topic: 'a', partitions: [0, 3] }], userData: Buffer.from('u') };
    const bytes = writeEmbedded(assignment, 1, given);
    expect(bytes).toEqual(hex(`0001 ${OWNED} 00000001 75`));
    expect(readEmbedded(assignment, bytes)).toEqual(given);
  });

  it.each([
    ['no bytes', ''],
    ['a negative version', `ffff ${V0}`],
    ['less than the version wants', `0001 ${V0} 00000001`],
  ])('%s are malformed (W2)', (_, text) => {
    expect(() => readEmbedded(subscription, hex(text))).toThrow(expect.objectContaining({ code: 'MALFORMED_FRAME' }));
  });
});
