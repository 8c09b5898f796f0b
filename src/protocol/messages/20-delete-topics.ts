import { api } from '../api.ts';
import { array, int16, int32, string, uuid, ZERO_UUID } from '../schema.ts';

/** Below 6 a list of names, from 6 on names or ids. */
export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexible: 4,
  request: {
    topics: array(
      {
        name: string({ nullable: 6, default: null }),
        topicId: uuid({ default: ZERO_UUID }),
      },
      { since: 6, default: [] },
    ),
    topicNames: array(string(), { until: 5, default: [] }),
    timeoutMs: int32(),
  },
  response: {
    throttleTimeMs: int32({ since: 1, default: 0 }),
    responses: array({
      name: string({ nullable: 6 }),
      topicId: uuid({ since: 6, default: ZERO_UUID }),
      errorCode: int16(),
      errorMessage: string({ since: 5, nullable: 5, default: null }),
    }),
  },
});
