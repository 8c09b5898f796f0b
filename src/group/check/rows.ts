import type { Store } from '../../store/store.ts';

/** A row that belongs to nothing, or contradicts another one. */
export interface GroupStray {
  readonly topic: string | null;
  readonly partition: number | null;
  readonly what: string;
}

const NOWHERE = 'NULL AS topic, NULL AS partition';
const NAMED = `FROM assignment a JOIN consumer_group g ON g.id = a.grp LEFT JOIN partition p ON p.id = a.partition
  LEFT JOIN topic t ON t.id = p.topic`;

const STRAYS = [
  `SELECT ${NOWHERE}, kind || ' belong to group ' || grp || ', which does not exist' AS what
    FROM (SELECT grp, 'members' AS kind FROM member UNION SELECT grp, 'assignments' FROM assignment
      UNION SELECT grp, 'offsets' FROM committed_offset UNION SELECT grp, 'departures' FROM departure
      UNION SELECT grp, 'ids of members' FROM pending_member)
    WHERE grp NOT IN (SELECT id FROM consumer_group)`,
  `SELECT ${NOWHERE}, 'groups have partition ' || partition || ', which does not exist' AS what
    FROM (SELECT partition FROM assignment UNION SELECT partition FROM committed_offset)
    WHERE partition NOT IN (SELECT id FROM partition)`,
  `SELECT t.name AS topic, p.number AS partition, 'group ' || g.name || ': partition ' || a.partition || ' is owned by '
      || a.owner || ', which is no member' AS what
    ${NAMED} WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.grp = a.grp AND m.id = a.owner)`,
  `SELECT t.name AS topic, p.number AS partition, 'group ' || g.name || ': partition ' || a.partition || ' is meant for '
      || a.target || ', which is no member' AS what
    ${NAMED} WHERE a.target IS NOT NULL AND NOT EXISTS (SELECT 1 FROM member m WHERE m.grp = a.grp AND m.id = a.target)`,
  `SELECT ${NOWHERE}, 'group ' || name || ' has ' || n || ' members and is said to be '
      || iif(empty_since IS NULL, 'in use', 'empty') AS what
    FROM (SELECT g.*, (SELECT count(*) FROM member m WHERE m.grp = g.id) AS n FROM consumer_group g)
    WHERE (n = 0) <> (empty_since IS NOT NULL)`,
  `SELECT ${NOWHERE}, 'group ' || g.name || ': member ' || m.id || ' has epoch ' || m.epoch || ', the group ' || g.epoch AS what
    FROM member m JOIN consumer_group g ON g.id = m.grp WHERE m.epoch > g.epoch`,
  `SELECT ${NOWHERE}, 'group ' || g.name || ': member ' || m.id || ' is away, and not static' AS what
    FROM member m JOIN consumer_group g ON g.id = m.grp WHERE m.away IS NOT NULL AND m.instance IS NULL`,
  `SELECT ${NOWHERE}, 'group ' || name || ' is ' || type || ', and said to be ' || ifnull(phase, 'in no phase') AS what
    FROM consumer_group WHERE (type = 'classic' AND empty_since IS NULL) <> (phase IS NOT NULL)`,
  `SELECT ${NOWHERE}, 'group ' || g.name || ' is led by ' || ifnull(g.leader, 'nobody') || ', which is no member' AS what
    FROM consumer_group g WHERE (g.phase IS NOT NULL OR g.leader IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM member m WHERE m.grp = g.id AND m.id = g.leader)`,
  `SELECT ${NOWHERE}, 'group ' || g.name || ' is classic, and its member ' || m.id || ' is not' AS what
    FROM member m JOIN consumer_group g ON g.id = m.grp WHERE g.type = 'classic' AND m.protocols IS NULL`,
  `SELECT ${NOWHERE}, 'group ' || g.name || ': member ' || m.id || ' waits to join, and nobody prepares a rebalance' AS what
    FROM member m JOIN consumer_group g ON g.id = m.grp WHERE m.joining = 1 AND g.phase IS NOT 'PreparingRebalance'`,
  `SELECT t.name AS topic, p.number AS partition, 'group ' || g.name || ' has committed ' || o."offset" || ' in partition '
      || o.partition AS what
    FROM committed_offset o JOIN consumer_group g ON g.id = o.grp LEFT JOIN partition p ON p.id = o.partition
    LEFT JOIN topic t ON t.id = p.topic WHERE o."offset" < 0`,
] as const;

/** The questions about groups that only a check has, to be asked one by one. Reads only, inside the caller's `store.read`. */
export function groupStrays(store: Store): readonly (() => GroupStray[])[] {
  return STRAYS.map((sql) => () => (store.prepare(sql).all() as Found[]).map(spoken));
}

/** A sentence is nothing where a part of it is: a name that damage took away. */
type Found = Omit<GroupStray, 'what'> & { readonly what: string | null };

function spoken({ what, ...place }: Found): GroupStray {
  return { ...place, what: what ?? 'a row of a group has lost what it was called' };
}
