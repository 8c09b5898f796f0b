import type { Member } from './membership.ts';

/** Of an id that tells members of one name apart. */
const TAIL = 4;

/**
 * What people call each member (by its id). Clients behind sockets have the name that their program gave them, often all the same:
 * those have something of their id behind it.
 */
export function namesOf(members: readonly Pick<Member, 'id' | 'name'>[]): Map<string, string> {
  const bearers = new Map<string, number>();
  for (const { name } of members) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  return new Map(
    members.map(({ id, name }) => {
      const own = id.startsWith(`${name}-`) ? id.slice(name.length + 1) : id;
      return [id, bearers.get(name) === 1 ? name : `${name}-${own.slice(0, TAIL)}`];
    }),
  );
}
