import { api, NEVER } from '../api.ts';
import { bytes, int8, string } from '../schema.ts';

/** What an answer to a call is. All but the last kind may come several times, before one of the last two. */
export const CALL_ANSWER = { progress: 0, piece: 1, result: 2, error: 3 } as const;

/** As whom a client introduces itself (ApiVersions) that may call. */
export const OWN_SOFTWARE = 'beck';

/**
 * Not Kafka's: a question of beck's own commands that Kafka has no words for, by the name of the door that it is for. Its arguments
 * and its answers are JSON; one call may have several answers, all with its correlation id. Served on the Unix socket to beck
 * alone, told of to nobody else. Its version changes with every change of what can be asked: a client and a server of different
 * ones do not understand each other.
 */
export const call = api({
  key: 32_000,
  name: 'Call',
  versions: [0, 0],
  flexible: NEVER,
  request: { door: string(), given: bytes() },
  response: { kind: int8(), body: bytes() },
});
