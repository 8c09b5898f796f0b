import type { Topic } from '../topic/topics.ts';
import type { SecurityProtocol } from './security-protocol.ts';

/** Where a node is to be dialled. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Node extends Address {
  readonly nodeId: number;
}

/** How a client came to us. */
export interface Arrival {
  /** The node whose listener it dialled; null: the Unix socket, where all nodes are reached as one. */
  readonly node: number | null;
  /** The address it dialled, as it arrived. On the Unix socket one that may be told, and is not meant to be dialled. */
  readonly address: Address;
  /** What is spoken there. */
  readonly protocol: SecurityProtocol;
}

export interface ClusterShape {
  readonly clusterId: string;
  /** The port of each node, in the order of their ids, which begin at 1. */
  readonly ports: readonly number[];
  /** What every client is told instead of the address it dialled: of node 1; the others have the ports behind it. */
  readonly advertise: Address | undefined;
  /** Whom it is told: those who come by a listener that speaks so. The others are told the address they dialled. */
  readonly advertisedFor: SecurityProtocol;
}

/** The first node; also the one that all administration goes to. */
export const CONTROLLER = 1;

/**
 * What clients are told of the cluster: one data directory, shown as one node or as several, among which leaders and
 * coordinators are spread. All nodes are this process: who asks the wrong one is sent away only because a real cluster would.
 */
export class ClusterView {
  readonly clusterId: string;
  readonly #ports: readonly number[];
  readonly #advertise: Address | undefined;
  readonly #advertisedFor: SecurityProtocol;

  constructor({ clusterId, ports, advertise, advertisedFor }: ClusterShape) {
    this.clusterId = clusterId;
    this.#ports = ports;
    this.#advertise = advertise;
    this.#advertisedFor = advertisedFor;
  }

  /** How many nodes it has, and so the largest replication factor. */
  get size(): number {
    return this.#ports.length;
  }

  has(node: number): boolean {
    return Number.isInteger(node) && node >= 1 && node <= this.size;
  }

  /** The nodes as this client shall dial them. */
  nodes(arrival: Arrival): Node[] {
    const advertise = arrival.protocol === this.#advertisedFor ? this.#advertise : undefined;
    if (this.#isOne(arrival)) return [{ nodeId: CONTROLLER, ...(advertise ?? arrival.address) }];
    const { host, port: first } = advertise ?? { host: arrival.address.host, port: undefined };
    return this.#ports.map((port, i) => ({ nodeId: i + 1, host, port: first === undefined ? port : first + i }));
  }

  /** The nodes that have a partition: all of them. */
  replicas(arrival: Arrival): number[] {
    return this.#isOne(arrival) ? [CONTROLLER] : this.#ports.map((_, i) => i + 1);
  }

  /** The id of the node that leads a partition. */
  leader(arrival: Arrival, topic: Pick<Topic, 'id'>, partition: number): number {
    return this.#isOne(arrival) ? CONTROLLER : 1 + ((topic.id + partition) % this.size);
  }

  /** Whether it may be written and read here; else the answer is NOT_LEADER_OR_FOLLOWER. */
  leads(arrival: Arrival, topic: Pick<Topic, 'id'>, partition: number): boolean {
    return arrival.node === null || this.leader(arrival, topic, partition) === arrival.node;
  }

  /** The id of the node that coordinates a group or a transactional id. */
  coordinator(arrival: Arrival, key: string): number {
    if (this.#isOne(arrival)) return CONTROLLER;
    let hash = 0;
    for (const character of key) hash = (hash * 31 + (character.codePointAt(0) as number)) % 65_521;
    return 1 + (hash % this.size);
  }

  /** Whether it may be asked here; else the answer is NOT_COORDINATOR. */
  coordinates(arrival: Arrival, key: string): boolean {
    return arrival.node === null || this.coordinator(arrival, key) === arrival.node;
  }

  /** On the Unix socket every dial comes here, so there is one node. */
  #isOne({ node }: Arrival): boolean {
    return node === null || this.size === 1;
  }
}
