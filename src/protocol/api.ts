import type { Decoded, Encodable, Layout } from './schema.ts';

/** Versions, first and last. */
export type Versions = readonly [first: number, last: number];

/** A layout with the versions it is known in. */
export interface Schema<L extends Layout = Layout> {
  /** For errors: `Produce request`. */
  readonly name: string;
  readonly versions: Versions;
  /** The first version with compact lengths and tagged fields; Infinity for never. */
  readonly flexible: number;
  readonly layout: L;
}

/** One of Kafka's APIs: the request and its response. */
export interface Api<Request extends Layout = Layout, Response extends Layout = Layout> {
  readonly key: number;
  readonly name: string;
  /** What can be decoded and encoded here. */
  readonly versions: Versions;
  /** What ApiVersions has to say of it where it is served: wider where clients look for a version that none of them sends. */
  readonly advertised: Versions;
  readonly flexible: number;
  readonly request: Schema<Request>;
  readonly response: Schema<Response>;
}

/** A request or a response as decoding gives it. */
export type RequestOf<A extends Api> = Decoded<A['request']['layout']>;
export type ResponseOf<A extends Api> = Decoded<A['response']['layout']>;
/** A request or a response as encoding takes it. */
export type NewRequest<A extends Api> = Encodable<A['request']['layout']>;
export type NewResponse<A extends Api> = Encodable<A['response']['layout']>;

interface ApiRow<Request extends Layout, Response extends Layout> {
  readonly key: number;
  readonly name: string;
  readonly versions: Versions;
  readonly advertised?: Versions;
  readonly flexible: number;
  readonly request: Request;
  readonly response: Response;
}

/** For APIs and data that have no flexible version. */
export const NEVER = Number.POSITIVE_INFINITY;

export function api<Request extends Layout, Response extends Layout>(
  row: ApiRow<Request, Response>,
): Api<Request, Response> {
  const { key, name, versions, flexible } = row;
  const schema = <L extends Layout>(what: string, layout: L): Schema<L> => ({
    name: `${name} ${what}`,
    versions,
    flexible,
    layout,
  });
  return {
    key,
    name,
    versions,
    advertised: row.advertised ?? versions,
    flexible,
    request: schema('request', row.request),
    response: schema('response', row.response),
  };
}

/** Whether a version of it can be decoded and encoded. */
export function isImplemented({ versions: [first, last] }: Pick<Schema, 'versions'>, version: number): boolean {
  return version >= first && version <= last;
}
