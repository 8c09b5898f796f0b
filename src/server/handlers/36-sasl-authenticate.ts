import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

const TOO_LATE = 'SaslAuthenticate request received after successful authentication';

/** As SaslHandshake: what is in time is answered by the connection's Authenticator. */
export const answerSaslAuthenticate = handler(
  saslAuthenticate,
  () => refuse(CODE.ILLEGAL_SASL_STATE, TOO_LATE),
  (_, errorCode, errorMessage) => refuse(errorCode, errorMessage),
);

function refuse(errorCode: number, errorMessage: string) {
  return { errorCode, errorMessage, authBytes: Buffer.alloc(0) };
}
