/** Where a client is sent when it asked the wrong broker (KIP-951): parts of Produce's and Fetch's answers. */
import { int32, string } from '../schema.ts';

export const currentLeader = {
  leaderId: int32({ default: -1 }),
  leaderEpoch: int32({ default: -1 }),
};

export const nodeEndpoint = {
  nodeId: int32(),
  host: string(),
  port: int32(),
  rack: string({ nullable: 0, default: null }),
};
