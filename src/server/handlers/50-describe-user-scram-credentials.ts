import { describeUserScramCredentials } from '../../protocol/messages/50-describe-user-scram-credentials.ts';
import { mechanismNamed } from '../../user/mechanism.ts';
import type { User } from '../../user/users.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';
import { repeated } from '../repeated.ts';
import { mayAdministerUsers, NOT_ADMITTED } from '../user-handler.ts';

/** With Kafka's messages (ScramImage). */
export const answerDescribeUserScramCredentials = handler(
  describeUserScramCredentials,
  ({ users: asked }, { broker, client }) => {
    if (!mayAdministerUsers(client)) return refuse(CODE.CLUSTER_AUTHORIZATION_FAILED, NOT_ADMITTED);
    const users = broker.users.list();
    const names = (asked ?? []).map(({ name }) => name);
    const twice = repeated(names);
    const wanted = names.length === 0 ? users.map(({ name }) => name) : [...new Set(names)];
    const results = wanted.map((name) => {
      if (twice.has(name))
        return unknown(
          name,
          CODE.DUPLICATE_RESOURCE,
          `Cannot describe SCRAM credentials for the same user twice in a single request: ${name}`,
        );
      const user = users.find((each) => each.name === name);
      if (user !== undefined) return described(user);
      return unknown(
        name,
        CODE.RESOURCE_NOT_FOUND,
        `Attempt to describe a user credential that does not exist: ${name}`,
      );
    });
    return { errorCode: CODE.NONE, results };
  },
  (_, errorCode, errorMessage) => refuse(errorCode, errorMessage),
);

function described({ name: user, credentials }: User) {
  const credentialInfos = credentials.map(({ mechanism, iterations }) => ({
    mechanism: mechanismNamed(mechanism).type,
    iterations,
  }));
  return { user, errorCode: CODE.NONE, credentialInfos };
}

function unknown(user: string, errorCode: number, errorMessage: string) {
  return { user, errorCode, errorMessage, credentialInfos: [] };
}

function refuse(errorCode: number, errorMessage: string) {
  return { errorCode, errorMessage, results: [] };
}
