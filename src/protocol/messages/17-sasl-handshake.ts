import { api, NEVER } from '../api.ts';
import { array, int16, string } from '../schema.ts';

/** After version 0 the tokens would come without any frame of Kafka's. */
export const saslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexible: NEVER,
  request: {
    mechanism: string(),
  },
  response: {
    errorCode: int16(),
    mechanisms: array(string()),
  },
});
