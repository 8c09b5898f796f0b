import type { RequestOf } from '../../protocol/api.ts';
import { alterUserScramCredentials } from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import type { SaltedPassword } from '../../user/credential.ts';
import { MECHANISMS, type Mechanism } from '../../user/mechanism.ts';
import type { CredentialChange } from '../../user/users.ts';
import { CODE } from '../codes.ts';
import { Refusal } from '../error-code.ts';
import { handler } from '../handler.ts';
import { inTheirPlaces, notRefused } from '../in-order.ts';
import { repeated } from '../repeated.ts';
import { mayAdministerUsers, NOT_ADMITTED } from '../user-handler.ts';

type Request = RequestOf<typeof alterUserScramCredentials>;

const TWICE = 'A user credential cannot be altered twice in the same request';

/** Each by itself; of one user's credentials only one in a request (Kafka's ScramControlManager). */
export const answerAlterUserScramCredentials = handler(
  alterUserScramCredentials,
  (request, { broker, client }) => {
    const names = namesOf(request);
    if (!mayAdministerUsers(client)) return refuseAll(names, CODE.CLUSTER_AUTHORIZATION_FAILED, NOT_ADMITTED);
    const changes = changesOf(request);
    const outcomes = broker.users.alter(notRefused(changes)).map((refused) => refused ?? {});
    const results = inTheirPlaces(changes, outcomes).map((outcome, i) => {
      const user = names[i] as string;
      if (outcome instanceof Refusal) return { user, errorCode: outcome.code, errorMessage: outcome.message };
      return { user, errorCode: CODE.NONE };
    });
    return { results: results.filter(({ user }, i) => names.indexOf(user) === i) };
  },
  (request, errorCode, errorMessage) => refuseAll(namesOf(request), errorCode, errorMessage),
);

/** In the order of the request, deletions first. */
function changesOf(request: Request): (CredentialChange | Refusal)[] {
  const twice = repeated(namesOf(request));
  const check = (user: string, type: number): Mechanism | Refusal => {
    if (twice.has(user)) return new Refusal(CODE.DUPLICATE_RESOURCE, TWICE);
    const mechanism = MECHANISMS.find((each) => each.type === type);
    return mechanism ?? new Refusal(CODE.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism');
  };
  const deletions = request.deletions.map(({ name: user, mechanism }) => {
    const checked = check(user, mechanism);
    return checked instanceof Refusal ? checked : { user, remove: checked.name };
  });
  const upsertions = request.upsertions.map(({ name: user, mechanism, ...asked }) => {
    const checked = check(user, mechanism);
    return checked instanceof Refusal ? checked : upsertion(user, checked, asked);
  });
  return [...deletions, ...upsertions];
}

function upsertion(
  user: string,
  { name, keyBytes }: Mechanism,
  { salt, iterations, saltedPassword }: Omit<SaltedPassword, 'mechanism'>,
): CredentialChange | Refusal {
  if (saltedPassword.length === keyBytes) return { user, put: { mechanism: name, salt, iterations, saltedPassword } };
  return new Refusal(CODE.UNACCEPTABLE_CREDENTIAL, `a salted password of ${name} has ${keyBytes} bytes`);
}

function namesOf({ deletions, upsertions }: Request): string[] {
  return [...deletions, ...upsertions].map(({ name }) => name);
}

function refuseAll(names: readonly string[], errorCode: number, errorMessage: string) {
  return { results: [...new Set(names)].map((user) => ({ user, errorCode, errorMessage })) };
}
