import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

/** Here it comes where it is not asked for, or too late: sessions have no end, so that nobody proves twice who he is (KIP-368). */
export const answerSaslHandshake = handler(
  saslHandshake,
  () => ({ errorCode: CODE.ILLEGAL_SASL_STATE, mechanisms: [] }),
  (_, errorCode) => ({ errorCode, mechanisms: [] }),
);
