import { api } from '../api.ts';
import { array, int8, int16, int32, string } from '../schema.ts';

/** Below 4 one key and one answer, from 4 on a list of them. `keyType`: 0 a group, 1 a transactional id. */
export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 5],
  flexible: 3,
  request: {
    key: string({ until: 3, default: '' }),
    keyType: int8({ since: 1, default: 0 }),
    coordinatorKeys: array(string(), { since: 4, default: [] }),
  },
  response: {
    throttleTimeMs: int32({ since: 1, default: 0 }),
    errorCode: int16({ until: 3, default: 0 }),
    errorMessage: string({ since: 1, until: 3, nullable: 1, default: null }),
    nodeId: int32({ until: 3, default: 0 }),
    host: string({ until: 3, default: '' }),
    port: int32({ until: 3, default: 0 }),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: 4, default: null }),
      },
      { since: 4, default: [] },
    ),
  },
});
