import type { NewRequest } from '../../src/protocol/api.ts';
import { joinGroup } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeat } from '../../src/protocol/messages/12-heartbeat.ts';
import { leaveGroup } from '../../src/protocol/messages/13-leave-group.ts';
import { syncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import { gives, hand, wishes } from '../group/socket-scene.ts';
import type { TestClient, TestServer } from '../support/test-server.ts';

export const PROTOCOLS = [{ name: 'range', metadata: wishes(['t']) }];

/** A consumer of the classic protocol on a connection of its own, step by step. */
export class GroupClient {
  readonly wire: TestClient;
  memberId = '';
  generation = -1;
  leader = '';
  members: readonly { readonly memberId: string }[] = [];

  constructor(wire: TestClient) {
    this.wire = wire;
  }

  static async connect(server: TestServer): Promise<GroupClient> {
    return new GroupClient(await server.connect());
  }

  request(how: Partial<NewRequest<typeof joinGroup>> = {}): NewRequest<typeof joinGroup> {
    const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
    return { groupId: 'g', ...times, memberId: this.memberId, protocolType: 'consumer', protocols: PROTOCOLS, ...how };
  }

  /** The error's number. */
  async join(how: Partial<NewRequest<typeof joinGroup>> = {}, version = 9): Promise<number> {
    const answer = await this.wire.ask(joinGroup, version, this.request(how));
    const { errorCode, memberId, generationId, leader, members } = answer;
    Object.assign(this, { memberId, generation: generationId, leader, members });
    return errorCode;
  }

  /** With its id, as one that comes twice. */
  async joinTwice(how: Partial<NewRequest<typeof joinGroup>> = {}): Promise<number> {
    await this.join(how);
    return this.join(how);
  }

  get leads(): boolean {
    return this.leader === this.memberId;
  }

  /** What it is given, or the error's number. The leader gives each member a partition of t, by turns. */
  async sync(): Promise<string> {
    const assignments = this.members.map(({ memberId }, partition) => ({
      memberId,
      assignment: gives([{ topic: 't', partition }]),
    }));
    const who = { groupId: 'g', memberId: this.memberId, generationId: this.generation };
    const what = { protocolType: 'consumer', protocolName: 'range', assignments };
    const { errorCode, assignment } = await this.wire.ask(syncGroup, 5, { ...who, ...what });
    return errorCode === 0 ? hand(assignment) : String(errorCode);
  }

  async beat(): Promise<number> {
    const who = { groupId: 'g', memberId: this.memberId, generationId: this.generation };
    return (await this.wire.ask(heartbeat, 4, who)).errorCode;
  }

  async leave(): Promise<number | undefined> {
    const answer = await this.wire.ask(leaveGroup, 5, { groupId: 'g', members: [{ memberId: this.memberId }] });
    return answer.members[0]?.errorCode;
  }
}
