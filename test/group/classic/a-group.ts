import type { ClassicGroup, ClassicMember, ClassicState } from '../../../src/group/classic/classic-group.ts';
import type { JoinRequest } from '../../../src/group/classic/join.ts';
import type { SyncRequest } from '../../../src/group/classic/sync.ts';

export const NOW = 50_000;
export const SESSION = 10_000;
export const REBALANCE = 30_000;

/** Protocols by their names; what a member says under each is `NAME of MEMBER`. */
export function protocols(id: string, names = 'range') {
  return names.split(',').map((name) => ({ name, metadata: Buffer.from(`${name} of ${id}`) }));
}

export function member(id: string, how: Partial<ClassicMember> = {}): ClassicMember {
  const who = { id, instance: null, name: id, host: 'local', joined: id.charCodeAt(0), heard: NOW };
  const times = { sessionTimeout: SESSION, rebalanceTimeout: REBALANCE };
  const phase = { assignment: Buffer.from(`for ${id}`), joining: false, synced: true };
  return { ...who, ...times, ...phase, protocols: protocols(id), ...how };
}

/**
 * `a b+ S- ?p`: a, b who waits for the others' joins, s who is static and has not synced, and an id p that is out. The first of
 * them leads. An upper case letter is a static member whose instance id it is.
 */
export function group(state: ClassicState, who: string, how: Partial<ClassicGroup> = {}): ClassicGroup {
  const words = who.split(' ').filter((word) => word !== '');
  const members = words.filter((word) => !word.startsWith('?')).map(read);
  const pending = words
    .filter((word) => word.startsWith('?'))
    .map((word) => ({ id: word.slice(1), sessionTimeout: SESSION, heard: NOW }));
  const isEmpty = members.length === 0;
  return {
    generation: 3,
    state,
    protocolType: 'consumer',
    protocol: isEmpty ? null : 'range',
    leader: members[0]?.id ?? null,
    due: state === 'Stable' || isEmpty ? null : NOW + REBALANCE,
    members,
    pending,
    gone: new Map(),
    ...how,
  };
}

function read(word: string): ClassicMember {
  const [letter = '', sign = ''] = word;
  const id = letter.toLowerCase();
  const instance = letter === id ? null : letter;
  const given = sign === '-' || sign === '+' ? { synced: false } : {};
  return member(id, { instance, joining: sign === '+', ...given });
}

/** As `group` is written, with its state and generation, the leader first: `Stable 3: a b`. */
export function shown({ state, generation, leader, members, pending }: ClassicGroup): string {
  const words = [...members].sort((a, b) => Number(b.id === leader) - Number(a.id === leader)).map(word);
  return `${state} ${generation}: ${[...words, ...pending.map(({ id }) => `?${id}`)].join(' ')}`;
}

function word({ id, instance, joining, synced }: ClassicMember): string {
  return `${instance ?? id}${joining ? '+' : synced ? '' : '-'}`;
}

export function joining(memberId: string, how: Partial<JoinRequest> = {}): JoinRequest {
  return {
    group: 'g',
    memberId,
    instanceId: null,
    clientId: 'client',
    host: 'local',
    sessionTimeoutMs: SESSION,
    rebalanceTimeoutMs: REBALANCE,
    protocolType: 'consumer',
    protocols: protocols(memberId || 'n'),
    newId: 'n',
    comesTwice: true,
    canSkipAssignment: true,
    ...how,
  };
}

export function syncing(memberId: string, how: Partial<SyncRequest> = {}): SyncRequest {
  const nothing = { protocolType: null, protocol: null, assignments: new Map() };
  return { group: 'g', memberId, instanceId: null, generation: 3, ...nothing, ...how };
}
