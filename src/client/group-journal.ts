import type { Membership } from '../group/groups.ts';
import type { Departure } from '../group/members/rows.ts';
import type { TopicPartition } from '../types.ts';
import type { BegunRange, GroupNews } from './group-reader.ts';

/** A group as one of its members sees it. */
interface SeenMembers extends Pick<Membership, 'pending'> {
  readonly assigned: readonly TopicPartition[];
  readonly members: readonly Pick<Membership['members'][number], 'id' | 'name'>[];
}

/** What a member has seen happen in its group, until it is asked. */
export class GroupJournal {
  readonly #name: string;
  #news: GroupNews[] = [];
  /** The names of the others, by member id. */
  #others: ReadonlyMap<string, string> | undefined;
  #had = '';

  constructor(name: string) {
    this.#name = name;
  }

  /** `departures` is asked when somebody is missing. */
  saw(
    me: string,
    { assigned, pending, members }: SeenMembers,
    begun: readonly BegunRange[],
    departures: () => readonly Departure[],
  ): void {
    const before = this.#others;
    const others = new Map(members.filter(({ id }) => id !== me).map(({ id, name }) => [id, name]));
    this.#others = others;
    const partitions = assigned.map(({ topic, partition }) => ({ topic, partition }));
    const news: Omit<GroupNews, 'partitions' | 'begun'>[] =
      before === undefined ? [] : changes(before, others, departures);
    const has = JSON.stringify(partitions);
    const isTold = news.length === 0 && has !== this.#had && (assigned.length > 0 || pending === 0);
    if (isTold) news.push({ kind: 'assigned', members: [this.#name] });
    if (news.length > 0) this.#had = has;
    for (const [i, row] of news.entries()) this.#news.push({ ...row, partitions, begun: i === 0 ? begun : [] });
  }

  /** The member lost its place, and what it had. */
  fenced(had: readonly TopicPartition[]): void {
    const partitions = had.map(({ topic, partition }) => ({ topic, partition }));
    this.#others = undefined;
    this.#had = '';
    this.#news.push({ kind: 'fenced', members: [this.#name], partitions, begun: [] });
  }

  take(): readonly GroupNews[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }
}

type Change = Pick<GroupNews, 'kind' | 'members'>;

/** Who came, and who went, by why. */
function changes(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  departures: () => readonly Departure[],
): Change[] {
  const came = [...after].filter(([id]) => !before.has(id)).map(([, name]) => name);
  const went = [...before].filter(([id]) => !after.has(id));
  const seen = went.length === 0 ? [] : departures();
  const whyOf = (id: string) => seen.find(({ member }) => member === id)?.why ?? 'left';
  const found: Change[] = came.length === 0 ? [] : [{ kind: 'joined', members: came }];
  for (const kind of ['left', 'gone', 'closed', 'silent', 'late'] as const) {
    const members = went.filter(([id]) => whyOf(id) === kind).map(([, name]) => name);
    if (members.length > 0) found.push({ kind, members });
  }
  return found;
}
