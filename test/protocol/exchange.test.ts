import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/protocol/api.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../src/protocol/exchange.ts';
import { FrameSplitter } from '../../src/protocol/frame.ts';
import { openRequest } from '../../src/protocol/header.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { joinGroup } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeat } from '../../src/protocol/messages/12-heartbeat.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { APIS, apiByKey } from '../../src/protocol/messages/index.ts';
import { versionsOf } from './arbitraries.ts';

const hex = (pieces: readonly Buffer[]): string => Buffer.concat(pieces).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const envelope = (version: number) => ({ version, correlationId: 7, clientId: 'me' });

describe('the header of a request (W8)', () => {
  it.each([
    ['plain', 3, '0000000e 000c 0003 00000007 00026d65 0001 67'],
    [
      'flexible: the client id is no compact string, tags follow it',
      4,
      '00000000 000c 0004 00000007 00026d65 00 02 67',
    ],
  ])('%s', (_, version, start) => {
    const body = { groupId: 'g', generationId: 1, memberId: 'm' };
    const frame = hex(encodeRequest(heartbeat, envelope(version), body));
    expect(frame.slice(8)).toMatch(new RegExp(`^${start.replaceAll(' ', '').slice(8)}`));
    const [request] = new FrameSplitter().push(bytes(frame));
    const opened = openRequest(request as Buffer);
    expect(opened).toMatchObject({ apiKey: 12, apiVersion: version, correlationId: 7, clientId: 'me', isKnown: true });
    expect(decodeRequest(heartbeat, opened)).toEqual({ ...body, groupInstanceId: null });
  });

  it('its tags are skipped, its client id may be null (W5)', () => {
    const frame = bytes('000c 0004 00000007 ffff 02 05 02 aaaa 90 4e 01 bb 0267 00000001 026d 00 00');
    const opened = openRequest(frame);
    expect(opened.clientId).toBeNull();
    expect(decodeRequest(heartbeat, opened)).toMatchObject({ groupId: 'g', generationId: 1, memberId: 'm' });
  });

  it('unknown keys and versions are told, not thrown: what to answer is for others to say', () => {
    expect(openRequest(bytes('0012 0005 00000009 ffff 00 ff'))).toMatchObject({
      api: apiVersions,
      isKnown: false,
      correlationId: 9,
    });
    expect(openRequest(bytes('0011 7fff 00000009 ffff'))).toMatchObject({ isKnown: false });
    expect(openRequest(bytes('0000 0002 00000009 ffff'))).toMatchObject({ api: produce, isKnown: false });
    expect(openRequest(bytes('7fff 0000 00000009 ffff'))).toMatchObject({ api: undefined, isKnown: false });
  });

  it.each(['', '0012', '00120000000000', '00120000000000010005', '00120000 00000001 fffe'])(
    'cut to %j it is malformed (W2)',
    (text) => {
      expect(() => openRequest(bytes(text))).toThrow('request header: ');
    },
  );

  it('bytes after the body are ignored', () => {
    expect(decodeRequest(apiVersions, openRequest(bytes('0012 0000 00000001 ffff aabbcc')))).toEqual({
      clientSoftwareName: '',
      clientSoftwareVersion: '',
    });
  });
});

describe('the header of a response (W8)', () => {
  it('has one empty list of tags where it is flexible, and none in ApiVersions', () => {
    const frame = (api: Api, version: number, body: Record<string, unknown>) =>
      hex(encodeResponse(api, envelope(version), body));
    expect(frame(heartbeat, 3, { errorCode: 27 })).toBe('0000000a0000000700000000001b');
    expect(frame(heartbeat, 4, { errorCode: 27 })).toBe('0000000c000000070000000000001b00');
    expect(frame(apiVersions, 3, { errorCode: 35, apiKeys: [] })).toBe('0000000c00000007002301'.padEnd(32, '0'));
    expect(frame(apiVersions, 0, { errorCode: 35, apiKeys: [] })).toBe('0000000a00000007002300000000');
  });

  it('is read as it was written, in every version of every API', () => {
    for (const api of APIS as readonly Api[]) {
      for (const version of versionsOf(api)) {
        const frame = Buffer.concat(encodeResponse(api, envelope(version), {}));
        expect(decodeResponse(api, version, frame.subarray(4)).correlationId).toBe(7);
      }
    }
  });
});

describe('tagged fields (W5)', () => {
  const topic = { name: 't', errorCode: 0, errorMessage: null };

  it('are left out at their default and written in the order of their tags', () => {
    const body = { errorCode: 0, apiKeys: [] };
    const features = { finalizedFeaturesEpoch: -1, supportedFeatures: [], zkMigrationReady: false };
    const bare = hex(encodeResponse(apiVersions, envelope(3), body));
    expect(hex(encodeResponse(apiVersions, envelope(3), { ...body, ...features }))).toBe(bare);
    const told = { ...body, zkMigrationReady: true, finalizedFeaturesEpoch: 2 };
    expect(hex(encodeResponse(apiVersions, envelope(3), told)).slice(8)).toBe(
      `${bare.slice(8, -2)}02${'0108'}${'0000000000000002'}${'030101'}`,
    );
  });

  it('a struct is at its default when all its fields are', () => {
    const answer = (currentLeader?: { leaderId?: number; leaderEpoch?: number }) =>
      hex(
        encodeResponse(produce, envelope(10), {
          responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 5, currentLeader }] }],
        }),
      );
    expect(answer({ leaderId: -1, leaderEpoch: -1 })).toBe(answer());
    expect(answer({ leaderEpoch: -1 })).toBe(answer());
    expect(answer({ leaderId: 1 })).toContain('01 00 09 00000001 ffffffff 00'.replaceAll(' ', ''));
  });

  it('are ignored in versions without them', () => {
    const answer = (topicConfigErrorCode?: number) =>
      hex(encodeResponse(createTopics, envelope(4), { topics: [{ ...topic, topicConfigErrorCode }] }));
    expect(answer(29)).toBe(answer());
  });
});

describe('records', () => {
  const batch = Buffer.alloc(20_000, 1);
  const answer = (records: Buffer | readonly Buffer[] | null) =>
    encodeResponse(fetch, envelope(12), {
      responses: [
        {
          topic: 't',
          partitions: [{ partitionIndex: 0, errorCode: 0, highWatermark: 2, abortedTransactions: null, records }],
        },
      ],
    });

  it('long ones go out without a copy, in pieces as they come (W4)', () => {
    const small = Buffer.alloc(100, 2);
    const pieces = answer([batch, small, batch]);
    expect(pieces.map((piece) => piece === batch)).toEqual([false, true, false, true, false]);
    const whole = Buffer.concat([batch, small, batch]);
    expect(hex(pieces)).toBe(hex(answer(whole)));
    expect(pieces[0]?.readInt32BE(0)).toBe(Buffer.concat(pieces).length - 4);
    const { body } = decodeResponse(fetch, 12, Buffer.concat(pieces).subarray(4));
    expect(body.responses[0]?.partitions[0]?.records).toEqual(whole);
  });

  it('empty ones are not null', () => {
    const records = (value: Buffer | null) =>
      decodeResponse(fetch, 12, Buffer.concat(answer(value)).subarray(4)).body.responses[0]?.partitions[0]?.records;
    expect(records(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    expect(records(null)).toBeNull();
  });

  it('decoded ones share the memory of the frame (W4)', () => {
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: batch }] }];
    const frame = Buffer.concat(encodeRequest(produce, envelope(9), { acks: -1, timeoutMs: 1, topicData })).subarray(4);
    const { topicData: decoded } = decodeRequest(produce, openRequest(frame));
    const records = decoded[0]?.partitionData[0]?.records;
    expect(records?.equals(batch)).toBe(true);
    expect(records?.buffer).toBe(frame.buffer);
  });
});

describe('what a version cannot say is refused', () => {
  const joined = { errorCode: 0, leader: '', memberId: '', members: [] };

  it('null, where a later version may be null', () => {
    const answer = (version: number) => () =>
      encodeResponse(joinGroup, envelope(version), { ...joined, protocolName: null });
    expect(answer(6)).toThrow('JoinGroup response 6: protocolName cannot be null');
    expect(answer(7)).not.toThrow();
    expect(() => encodeRequest(metadata, envelope(0), { topics: null })).toThrow('topics cannot be null');
  });

  it('a string over 32 767 bytes', () => {
    const answer = (version: number, length: number) => () =>
      encodeResponse(joinGroup, envelope(version), { ...joined, protocolName: 'é'.repeat(length) });
    for (const version of [0, 9]) {
      expect(answer(version, 16_383)).not.toThrow();
      expect(answer(version, 16_384)).toThrow('a string of 32768 bytes, over 32767');
    }
  });

  it('numbers out of range are the fault of who writes them', () => {
    const beat = (generationId: number) => () =>
      encodeRequest(heartbeat, envelope(0), { groupId: 'g', generationId, memberId: 'm' });
    expect(beat(2 ** 31)).toThrow(RangeError);
    const stamp = (timestamp: number) => () =>
      encodeResponse(produce, envelope(3), {
        responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 0, baseOffset: timestamp }] }],
      });
    expect(stamp(2 ** 53)).toThrow(RangeError);
    expect(stamp(Number.NaN)).toThrow(RangeError);
  });
});

describe('the table of APIs', () => {
  it('is in the order of the keys, each once', () => {
    const keys = APIS.map((api) => api.key);
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b));
    for (const api of APIS) expect(apiByKey(api.key)).toBe(api);
  });

  it('advertises what it implements, and more only below', () => {
    for (const { versions, advertised } of APIS) {
      expect(advertised[1]).toBe(versions[1]);
      expect(advertised[0]).toBeLessThanOrEqual(versions[0]);
    }
  });
});
