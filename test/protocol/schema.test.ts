import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Api, NewRequest, NewResponse, RequestOf, ResponseOf } from '../../src/protocol/api.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import type { metadata } from '../../src/protocol/messages/03-metadata.ts';
import type { heartbeat } from '../../src/protocol/messages/12-heartbeat.ts';
import { consumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { APIS } from '../../src/protocol/messages/index.ts';
import { blankStruct, type Layout, type WireType } from '../../src/protocol/schema.ts';

/** Every layout within a layout, itself first. */
function layoutsIn(layout: Layout): Layout[] {
  return [layout, ...Object.values(layout).flatMap(({ type }) => inner(type))];
}

function inner(type: WireType): Layout[] {
  if (type.kind === 'array') return inner(type.of);
  return type.kind === 'struct' ? layoutsIn(type.layout) : [];
}

describe('the types of messages come from their layouts', () => {
  it('what is read has every field, null where any version may have it', () => {
    expectTypeOf<RequestOf<typeof heartbeat>>().toEqualTypeOf<{
      readonly groupId: string;
      readonly generationId: number;
      readonly memberId: string;
      readonly groupInstanceId: string | null;
    }>();
    type Partition = ResponseOf<typeof fetch>['responses'][number]['partitions'][number];
    expectTypeOf<Partition['records']>().toEqualTypeOf<Buffer | null>();
    expectTypeOf<Partition['currentLeader']>().toEqualTypeOf<{
      readonly leaderId: number;
      readonly leaderEpoch: number;
    }>();
    type Given = ResponseOf<typeof consumerGroupHeartbeat>['assignment'];
    expectTypeOf<null>().toExtend<Given>();
  });

  it('what is written may leave out what has a default', () => {
    expectTypeOf<NewResponse<typeof heartbeat>>().toEqualTypeOf<{
      readonly errorCode: number;
      readonly throttleTimeMs?: number | undefined;
    }>();
    expectTypeOf<{ topics: null }>().toExtend<NewRequest<typeof metadata>>();
    expectTypeOf<{ topics: [{ topicId: Buffer }] }>().not.toExtend<NewRequest<typeof metadata>>();
    type Partition = NewResponse<typeof fetch>['responses'][number]['partitions'][number];
    expectTypeOf<Partition['records']>().toEqualTypeOf<Buffer | readonly Buffer[] | null>();
  });
});

describe('layouts', () => {
  it('what a version lacks has the default that was given, else nothing of its kind (W1)', () => {
    const { responses: _, ...rest } = blankStruct(fetch.response.layout);
    expect(rest).toEqual({ throttleTimeMs: 0, errorCode: 0, sessionId: 0, nodeEndpoints: [], lastSequence: -1 });
    expect(blankStruct(fetch.request.layout)).toMatchObject({
      clusterId: null,
      replicaState: { replicaId: -1, replicaEpoch: -1 },
      maxBytes: 0x7fffffff,
    });
    expect(blankStruct(consumerGroupHeartbeat.response.layout)).toMatchObject({ assignment: null });
  });

  it.each(APIS.map((api: Api) => ({ name: api.name, api })))('$name makes sense', ({ api }) => {
    for (const schema of [api.request, api.response]) {
      for (const layout of layoutsIn(schema.layout)) {
        const fields = Object.values(layout);
        const tags = fields.flatMap(({ tag }) => tag ?? []);
        expect(new Set(tags).size).toBe(tags.length);
        for (const { tag, since, until, absent, nullableSince } of fields) {
          if (tag !== undefined) expect(since).toBeGreaterThanOrEqual(api.flexible);
          expect(since).toBeLessThanOrEqual(Math.min(until, api.versions[1]));
          if (absent === null) expect(nullableSince).toBeLessThanOrEqual(api.versions[1]);
        }
      }
    }
  });
});
