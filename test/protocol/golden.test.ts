import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/protocol/api.ts';
import { decodeRequest, encodeRequest } from '../../src/protocol/exchange.ts';
import { FrameSplitter } from '../../src/protocol/frame.ts';
import { openRequest } from '../../src/protocol/header.ts';
import { APIS } from '../../src/protocol/messages/index.ts';

/** A request as another client's own encoder made it, and what it was told to say. */
interface GoldenRequest {
  readonly by: string;
  readonly api: string;
  readonly version: number;
  /** The whole frame as hex, its length first. */
  readonly frame: string;
  /** In Kafka's names, with what other versions of the API would say too; bytes as `{hex}`. */
  readonly body: Record<string, unknown>;
}

const file = readFileSync(new URL('../golden/requests.jsonl', import.meta.url), 'utf8');
const REQUESTS = file
  .trimEnd()
  .split('\n')
  .map(
    (line) => JSON.parse(line, (_, value) => (value?.hex === undefined ? value : bytes(value.hex))) as GoldenRequest,
  );

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

describe('other clients say the same in the same bytes', () => {
  it.each(REQUESTS)('$by: $api $version', ({ api: name, version, frame, body }) => {
    const api = APIS.find((each) => each.name === name) as Api;
    const [request] = new FrameSplitter().push(bytes(frame));
    const opened = openRequest(request as Buffer);
    expect(opened).toMatchObject({ apiVersion: version, clientId: 'me', isKnown: true });
    expect(opened.api).toBe(api);

    const envelope = { version, correlationId: opened.correlationId, clientId: 'me' };
    const written = (said: Record<string, unknown>) =>
      Buffer.concat(encodeRequest(api, envelope, said)).toString('hex');
    expect(written(body)).toBe(frame);
    expect(written(decodeRequest(api, opened))).toBe(frame);
  });
});
