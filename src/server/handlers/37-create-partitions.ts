import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { createPartitions } from '../../protocol/messages/37-create-partitions.ts';
import type { Topic } from '../../topic/topics.ts';
import { CODE } from '../codes.ts';
import { Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';
import { inTheirPlaces, notRefused } from '../in-order.ts';
import { repeated } from '../repeated.ts';
import { assignmentProblem } from '../replicas.ts';

type Asked = RequestOf<typeof createPartitions>['topics'][number];
type Result = NewResponse<typeof createPartitions>['results'][number];
interface Growth {
  readonly name: string;
  readonly total: number;
}

export const answerCreatePartitions = handler(
  createPartitions,
  ({ topics, validateOnly }, context) => {
    const twice = repeated(topics.map(({ name }) => name));
    const once = topics.filter(({ name }, i) => topics.findIndex((topic) => topic.name === name) === i);
    const checked = once.map((asked) => check(asked, twice, context));
    const growths = notRefused(checked);
    const grown = inTheirPlaces(checked, context.broker.topics.addPartitions(growths, validateOnly));
    return { results: once.map(({ name }, i) => answer(name, grown[i] as Topic | Refusal)) };
  },
  ({ topics }, code, message) => ({ results: topics.map(({ name }) => answer(name, new Refusal(code, message))) }),
);

function check(
  { name, count, assignments }: Asked,
  twice: ReadonlySet<string>,
  context: RequestContext,
): Growth | Refusal {
  if (twice.has(name)) return new Refusal(CODE.INVALID_REQUEST, 'the topic is asked for twice');
  const { broker, cluster } = context;
  const has = broker.store.read(() => broker.catalogue.find(name))?.partitions.length;
  if (assignments === null || has === undefined || count <= has) return { name, total: count };
  if (assignments.length !== count - has)
    return new Refusal(CODE.INVALID_REPLICA_ASSIGNMENT, 'there is not one assignment for each new partition');
  const problem = assignmentProblem(
    cluster,
    assignments.map(({ brokerIds }) => brokerIds),
  );
  return problem ?? { name, total: count };
}

function answer(name: string, result: Topic | Refusal): Result {
  if (result instanceof Refusal) return { name, errorCode: result.code, errorMessage: result.message || null };
  return { name, errorCode: CODE.NONE };
}
