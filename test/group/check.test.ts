import { describe, expect, it } from 'vitest';
import { check, openTestBroker } from '../support/test-broker.ts';
import { GroupScene } from './group-scene.ts';

/** Two members share four partitions; then somebody writes to the file by hand, and puts it right again for the others. */
function damaged(harm: string, remedy: string): string[] {
  const scene = new GroupScene();
  scene.join('a');
  scene.join('b');
  scene.release('a');
  scene.commit('a', 1, 5);
  const { store } = scene.broker;
  expect(check(scene.broker)).toEqual([]);
  const run = (sql: string) => store.write(() => store.prepare(sql).run());
  run(harm);
  const problems = check(scene.broker);
  run(remedy);
  return problems;
}

describe('beck check holds groups to their invariants', () => {
  it.each([
    [
      'G1',
      "UPDATE assignment SET owner = 'x' WHERE partition = 2",
      "UPDATE assignment SET owner = 'a' WHERE partition = 2",
      'group g: partition 2 is owned by x, which is no member',
    ],
    [
      'G2',
      "UPDATE assignment SET target = 'x' WHERE partition = 2",
      "UPDATE assignment SET target = 'a' WHERE partition = 2",
      'group g: partition 2 is meant for x, which is no member',
    ],
    [
      'G4, too little',
      'UPDATE assignment SET target = NULL WHERE partition = 2',
      "UPDATE assignment SET target = 'a' WHERE partition = 2",
      "group g: partition 2 is nobody's target",
    ],
    [
      'G3',
      "UPDATE member SET epoch = 9 WHERE id = 'a'",
      "UPDATE member SET epoch = 2 WHERE id = 'a'",
      'group g: member a has epoch 9, the group 2',
    ],
    [
      'a member that is away',
      "UPDATE member SET away = 1 WHERE id = 'a'",
      'UPDATE member SET away = NULL',
      'group g: member a is away, and not static',
    ],
    [
      'an empty group',
      'UPDATE consumer_group SET empty_since = 1',
      'UPDATE consumer_group SET empty_since = NULL',
      'group g has 2 members and is said to be empty',
    ],
    [
      'an offset',
      'UPDATE committed_offset SET "offset" = -4',
      'UPDATE committed_offset SET "offset" = 4',
      'group g has committed -4 in partition 1',
    ],
    [
      'a phase of a group that has none',
      "UPDATE consumer_group SET phase = 'Stable', leader = 'a'",
      'UPDATE consumer_group SET phase = NULL, leader = NULL',
      'group g is consumer, and said to be Stable',
    ],
    [
      'a classic group',
      "UPDATE consumer_group SET type = 'classic', phase = 'Stable', leader = 'a'",
      "UPDATE consumer_group SET type = 'consumer', phase = NULL, leader = NULL",
      'group g is classic, and its member a is not',
      'group g is classic, and its member b is not',
    ],
    [
      'a leader',
      "UPDATE consumer_group SET leader = 'x'",
      'UPDATE consumer_group SET leader = NULL',
      'group g is led by x, which is no member',
    ],
    [
      'a join that waits',
      "UPDATE member SET joining = 1 WHERE id = 'a'",
      'UPDATE member SET joining = NULL',
      'group g: member a waits to join, and nobody prepares a rebalance',
    ],
    [
      'G6, an id that is out',
      "INSERT INTO pending_member VALUES (66, 'p', 0, 0)",
      'DELETE FROM pending_member',
      'ids of members belong to group 66, which does not exist',
    ],
    [
      'G6, a partition',
      `INSERT INTO committed_offset VALUES (1, 77, 5, -1, '', 0)`,
      'DELETE FROM committed_offset WHERE partition = 77',
      'groups have partition 77, which does not exist',
    ],
    [
      'G6, a group',
      `INSERT INTO departure VALUES (5, 66, 'm', 'm', 'left', 0, 0, 0, '[]')`,
      'DELETE FROM departure',
      'departures belong to group 66, which does not exist',
    ],
  ])('%s', (_, harm, remedy, ...sentences) => {
    expect(damaged(harm, remedy)).toEqual(sentences);
  });

  it('G4, too much: what nobody is subscribed to is nobody’s target', () => {
    const scene = new GroupScene({ t: 1, u: 1 });
    scene.join('a');
    const { store } = scene.broker;
    store.write(() => store.prepare("INSERT INTO assignment VALUES (1, 2, 'a', 'a', 0)").run());
    expect(check(scene.broker)).toEqual(["group g: partition 2 is somebody's target"]);
    store.write(() => store.prepare('DELETE FROM assignment WHERE partition = 2').run());
  });

  it('a target for another catalogue is no problem: somebody will look', () => {
    const scene = new GroupScene({ t: 1 });
    scene.join('a');
    scene.broker.alterTopic('t', { partitions: 3 });
    expect(check(scene.broker)).toEqual([]);
    expect(check(openTestBroker())).toEqual([]);
  });
});
