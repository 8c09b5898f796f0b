import { BrokerError, errorSaid } from '../../errors.ts';
import { CALL_ANSWER, call } from '../../protocol/messages/32000-call.ts';
import { CloseConnection } from '../close-connection.ts';
import { handler } from '../handler.ts';

/** A call that was begun is not answered with what its end by us looks like. */
const STOPPED = new BrokerError('BROKER_LOST', { problem: 'it was stopped' });

/** Errors are answered whole: what a command says of one is what it says on the data directory. */
export const answerCall = handler(
  call,
  async ({ door, given }, context) => {
    const { client, calls } = context;
    if (!client.isOwn) throw new CloseConnection(`there is no API ${call.key} here`);
    let hasGiven = false;
    const onProgress = (...progress: [number, number, string]) => {
      void context.tell(answer('progress', progress)).catch(() => undefined);
    };
    const onPiece = async (piece: unknown) => {
      hasGiven = true;
      await context.tell(answer('piece', piece));
    };
    try {
      return answer('result', await calls.of(client)({ door, given: parsed(given), onProgress, onPiece }));
    } catch (error) {
      if (!(error instanceof BrokerError) || (error.code === 'STORAGE_BUSY' && !hasGiven)) throw error;
      return failure(client.ending.aborted ? STOPPED : error);
    }
  },
  (_, code, message) => failure(errorSaid(code, message)),
);

function parsed(given: Buffer): unknown {
  try {
    return JSON.parse(given.toString());
  } catch (cause) {
    throw new BrokerError('INVALID_REQUEST', { problem: 'the arguments of a call are no JSON' }, { cause });
  }
}

function failure({ code, details }: BrokerError) {
  return answer('error', { code, details });
}

function answer(kind: keyof typeof CALL_ANSWER, body: unknown) {
  return { kind: CALL_ANSWER[kind], body: Buffer.from(JSON.stringify(body ?? null)) };
}
