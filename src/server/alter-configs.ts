import type { ConfigChange } from '../broker/topic-administration.ts';
import type { ConfigPlan } from '../topic/change-configs.ts';
import type { Topic } from '../topic/topics.ts';
import { CODE } from './codes.ts';
import { RESOURCE } from './config-resource.ts';
import { Refusal } from './error-code.ts';
import type { RequestContext } from './handler.ts';
import { inTheirPlaces, notRefused } from './in-order.ts';
import { repeated } from './repeated.ts';

/** What both ways of altering configs ask for. */
interface AskedResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

/** What both answer of a resource. */
interface AlteredResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resourceType: number;
  readonly resourceName: string;
}

/**
 * Alters the configs of topics, which are the only ones that can be altered (kafka.server.ConfigAdminManager). `plan` says what a
 * resource's configs mean for a topic; `mayBeNull` which of them need no value.
 */
export function alterConfigs<Asked extends AskedResource>(
  { resources, validateOnly }: { readonly resources: readonly Asked[]; readonly validateOnly: boolean },
  { broker }: RequestContext,
  how: { plan(topic: Topic, asked: Asked): ConfigPlan; mayBeNull(config: Asked['configs'][number]): boolean },
): { responses: AlteredResource[] } {
  const twice = repeated(resources.map(keyOf));
  const checked = resources.map((asked): ConfigChange | Refusal => {
    const problem = twice.has(keyOf(asked)) ? 'the resource is named twice' : problemOf(asked, how.mayBeNull);
    if (problem !== undefined) return new Refusal(CODE.INVALID_REQUEST, problem);
    return { topic: asked.resourceName, plan: (topic) => how.plan(topic, asked) };
  });
  const altered = inTheirPlaces(checked, broker.topics.alterConfigs(notRefused(checked), validateOnly));
  return { responses: resources.map((asked, i) => answer(asked, altered[i] as Topic | Refusal)) };
}

/** That all of it failed so. */
export function refuseAlteration(
  { resources }: { readonly resources: readonly AskedResource[] },
  code: number,
  message: string,
): { responses: AlteredResource[] } {
  return { responses: resources.map((asked) => answer(asked, new Refusal(code, message))) };
}

function keyOf({ resourceType, resourceName }: AskedResource): string {
  return `${resourceType} ${resourceName}`;
}

function problemOf<Asked extends AskedResource>(
  { resourceType, configs }: Asked,
  mayBeNull: (config: Asked['configs'][number]) => boolean,
): string | undefined {
  if (resourceType !== RESOURCE.topic) return 'only the configs of topics can be changed while the broker runs';
  if (repeated(configs.map(({ name }) => name)).size > 0) return 'a config is named twice';
  const empty = configs.find((config) => config.value === null && !mayBeNull(config));
  return empty && `${empty.name} has no value`;
}

function answer({ resourceType, resourceName }: AskedResource, result: Topic | Refusal): AlteredResource {
  const { code, message } = result instanceof Refusal ? result : new Refusal(CODE.NONE);
  return { errorCode: code, errorMessage: message || null, resourceType, resourceName };
}
