import type { TopicBatch } from '../../broker/broker.ts';
import { BrokerError } from '../../errors.ts';
import type { Appended } from '../../log/log.ts';
import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { produce } from '../../protocol/messages/00-produce.ts';
import { ATTRIBUTE, BATCH_OVERHEAD, FIELD, readHeader } from '../../record/batch.ts';
import { CloseConnection } from '../close-connection.ts';
import { CODE } from '../codes.ts';
import { reliable } from '../durability.ts';
import { attempt, Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';
import { inTheirPlaces, notRefused } from '../in-order.ts';

type Request = RequestOf<typeof produce>;
type Asked = Request['topicData'][number]['partitionData'][number];
type Outcome = Appended | Refusal;

const ACKS: readonly number[] = [-1, 0, 1];
const MAGIC = 2;
/** zstd may be sent from this version on (KIP-110). */
const ZSTD_SINCE = 7;
/** From this version on a client knows TRANSACTION_ABORTABLE. */
const ABORTABLE_SINCE = 11;
const NAMELESS = new Refusal(CODE.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'a transactional batch without its id');

/** Everything that one request brings is one commit. */
export const answerProduce = handler(
  produce,
  async (request, context) => {
    const isKnown = ACKS.includes(request.acks);
    const outcomes = isKnown
      ? await append(request, context)
      : new Refusal(CODE.INVALID_REQUIRED_ACKS, 'acks is -1, 0 or 1');
    return request.acks === 0 ? saysNothing(outcomes) : answer(request, outcomes);
  },
  (request, code, message) => {
    const refusal = new Refusal(code, message);
    return request.acks === 0 ? saysNothing(refusal) : answer(request, refusal);
  },
);

/**
 * In the order of the request; or what all of it is refused for. While the commit is brought to the disk, the connection's next
 * request may begin.
 */
async function append(request: Request, context: RequestContext): Promise<Outcome[] | Refusal> {
  const { broker, version, settings } = context;
  const checked = request.topicData.flatMap(({ name, partitionData }) =>
    partitionData.map(
      (asked) => checkLeader(name, asked, context) ?? attempt(() => checkRecords(name, asked, version)),
    ),
  );
  const batches = notRefused(checked);
  if (request.transactionalId === null && batches.some(isTransactional)) return NAMELESS;
  const appended = broker.appendAll(batches, request.acks === -1 ? reliable(settings) : 'normal');
  context.applied();
  return inTheirPlaces(checked, await appended).map((outcome, i) => abortable(outcome, checked[i], version));
}

function isTransactional({ blob }: TopicBatch): boolean {
  return blob.length >= BATCH_OVERHEAD && (blob.readInt16BE(FIELD.attributes) & ATTRIBUTE.transactional) !== 0;
}

/** A batch whose partition is not in its transaction: newer clients abort it and go on, for older ones it is the end (KIP-890). */
function abortable(outcome: Outcome, asked: TopicBatch | Refusal | undefined, version: number): Outcome {
  const isOutside = outcome instanceof Refusal && outcome.code === CODE.INVALID_TXN_STATE;
  if (!isOutside || version < ABORTABLE_SINCE || asked instanceof Refusal || asked === undefined) return outcome;
  return isTransactional(asked) ? new Refusal(CODE.TRANSACTION_ABORTABLE, outcome.message) : outcome;
}

function checkLeader(name: string, { index }: Asked, { broker, cluster, client }: RequestContext): Refusal | undefined {
  const topic = broker.store.read(() => broker.catalogue.find(name));
  const isHere = topic === undefined || cluster.leads(client.arrival, topic, index);
  return isHere ? undefined : new Refusal(CODE.NOT_LEADER_OR_FOLLOWER);
}

/** What Kafka refuses before it looks at the topic (org.apache.kafka.common.requests.ProduceRequest.validateRecords). */
function checkRecords(topic: string, { index: partition, records: blob }: Asked, version: number): TopicBatch {
  if (blob === null || blob.length === 0)
    throw new BrokerError('INVALID_RECORD', { problem: 'a partition without a batch' });
  if (blob.length > FIELD.magic && blob[FIELD.magic] !== MAGIC)
    throw new BrokerError('INVALID_RECORD', { problem: `a batch of format ${blob[FIELD.magic]}; only 2 is taken` });
  if (version < ZSTD_SINCE && readHeader(blob).codec === 'zstd')
    throw new BrokerError('UNSUPPORTED_COMPRESSION_TYPE', { codec: 'zstd', problem: `Produce ${version} has no zstd` });
  return { topic, partition, blob };
}

/** acks 0: a client learns of a failure by the end of its connection. */
function saysNothing(outcomes: readonly Outcome[] | Refusal): null {
  const failed = [outcomes].flat().find((outcome) => outcome instanceof Refusal);
  if (failed !== undefined) throw new CloseConnection(`Produce without acks: ${failed.message} (${failed.code})`);
  return null;
}

function answer({ topicData }: Request, outcomes: readonly Outcome[] | Refusal): NewResponse<typeof produce> {
  let at = 0;
  const next = () => (outcomes instanceof Refusal ? outcomes : (outcomes[at++] as Outcome));
  return {
    responses: topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index }) => partitionAnswer(index, next())),
    })),
  };
}

function partitionAnswer(index: number, outcome: Outcome) {
  if (outcome instanceof Refusal)
    return { index, errorCode: outcome.code, baseOffset: -1, errorMessage: outcome.message || null };
  const { baseOffset, appendTime, logStart } = outcome;
  return {
    index,
    errorCode: CODE.NONE,
    baseOffset,
    logAppendTimeMs: appendTime,
    logStartOffset: logStart,
  };
}
