import { api } from '../api.ts';
import { boolean, int16, int32, int64, string } from '../schema.ts';

/** 5 means transactions of version 2 (KIP-890). */
export const endTxn = api({
  key: 26,
  name: 'EndTxn',
  versions: [0, 4],
  flexible: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: boolean(),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
  },
});
