/** Groups as pages are given them. */
import type {
  Departure,
  GroupDescription,
  GroupPartitionDescription,
  MemberDescription,
} from '../../../src/client/cluster.ts';

export const NOW = 1_795_254_012_031;

export function group(rest: Partial<GroupDescription> = {}): GroupDescription {
  const lag = (rest.partitions ?? []).reduce((sum, each) => sum + each.lag, 0);
  return {
    name: 'billing',
    type: 'consumer',
    state: 'Stable',
    epoch: 7,
    assignor: 'range',
    lag,
    emptySince: null,
    members: [],
    partitions: [],
    departures: [],
    ...rest,
  };
}

/** `name` is its pid. */
export function member(name: string, rest: Partial<MemberDescription> = {}): MemberDescription {
  return {
    id: `beck-${name}`,
    name,
    instanceId: null,
    host: 'localhost',
    epoch: 7,
    assignor: null,
    joined: NOW - 180_000,
    heard: NOW - 1000,
    sessionTimeoutMs: 10_000,
    process: { pid: Number(name) },
    away: null,
    subscription: { names: ['orders'] },
    partitions: [],
    ...rest,
  };
}

/** Of `orders`; the lag is what the offsets say. */
export function partition(number: number, rest: Partial<GroupPartitionDescription> = {}): GroupPartitionDescription {
  const { committed = 0, end = 0 } = rest;
  return {
    topic: 'orders',
    partition: number,
    committed,
    committedAt: null,
    metadata: '',
    start: 0,
    end,
    lag: end - (committed ?? 0),
    behindMs: null,
    member: null,
    next: null,
    since: NOW - 180_000,
    ...rest,
  };
}

export function departure(name: string, rest: Partial<Departure> = {}): Departure {
  return { name, why: 'left', at: NOW - 12_000, heard: NOW - 22_000, partitions: 0, heirs: [], ...rest };
}
