/** What is kept of a member behind a socket, beyond what is known of every member. Times in ms since the epoch. */
export interface SocketPart {
  /** ms that it has for what is wanted of it: to give something up, to come again. */
  readonly rebalanceTimeout: number;
  /** When that time is over; null: nothing is wanted. */
  readonly due: number | null;
  /** The partitions (ids) that it knows to be its own; null: it knows of none yet. */
  readonly told: readonly number[] | null;
  /** What it had before its epoch: the answer that told it of the newer one may have been lost. */
  readonly previousEpoch: number;
  /** Of one that speaks the classic protocol (JoinGroup, SyncGroup), in a classic group or in a consumer group. */
  readonly classic: ClassicPart | null;
}

export interface ClassicPart {
  /** What it offers, in its own order. */
  readonly protocols: readonly Protocol[];
  /** What the leader of a classic group gave it; null: nothing. */
  readonly assignment: Buffer | null;
  /** Its JoinGroup waits for the others'. */
  readonly joining: boolean;
  /** It has asked for its assignment in this generation. */
  readonly synced: boolean;
}

/** A name that members know, such as an assignor's, and what a member has to say to the leader under it. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}
