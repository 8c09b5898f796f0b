import { api } from '../api.ts';
import { array, int8, int16, int32, string } from '../schema.ts';

/** No users, or null: all of them. */
export const describeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexible: 0,
  request: {
    users: array({ name: string() }, { nullable: 0 }),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: 0, default: '' }),
    results: array({
      user: string(),
      errorCode: int16(),
      errorMessage: string({ nullable: 0, default: '' }),
      credentialInfos: array({
        mechanism: int8(),
        iterations: int32(),
      }),
    }),
  },
});
