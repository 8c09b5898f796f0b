/**
 * The law of the house, as data: floors, and what only one room may import. Imports go down, or stay inside the room; never
 * up, never to another room of the same floor. `test/architecture.test.ts` runs it.
 */
const FLOORS = [
  ['^src/(errors|types|clock|settings|data-dir)\\.ts$'],
  ['^src/record/', '^src/protocol/'],
  ['^src/store/'],
  ['^src/log/', '^src/topic/'],
  ['^src/group/', '^src/user/'],
  ['^src/txn/'],
  ['^src/broker/'],
  ['^src/client/', '^src/server/'],
  ['^src/cli/'],
  ['^commands/'],
  ['^bin/'],
];

/** Packages and builtins that belong to certain rooms alone. */
const EXCLUSIVE = [
  { name: 'sqlite', what: 'node_modules/(@types/)?better-sqlite3/', rooms: '^src/store/' },
  { name: 'sockets and pipes', what: '^(node:)?(net|tls)$', rooms: '^src/(server|client|cli/pipe)/' },
  { name: 'people', what: 'node_modules/(@oclif|@inquirer|chalk|cli-table3)/', rooms: '^(src/cli|commands)/' },
  { name: 'kafka-client', what: 'node_modules/@platformatic/kafka/', rooms: '^src/client/kafka\\.ts$' },
];

/** Without a clock and without waiting: time, and how to wait, are parameters there. */
const SYNCHRONOUS = '^src/(record|protocol|store|log|topic|group|user|txn)/';

const upwards = FLOORS.flatMap((rooms, floor) =>
  rooms.map((room) => {
    const above = FLOORS.slice(floor + 1).flat();
    const beside = rooms.filter((other) => other !== room);
    return {
      name: `floor ${floor}: ${room}`,
      severity: 'error',
      from: { path: room },
      to: { path: [...above, ...beside] },
    };
  }),
).filter(({ to }) => to.path.length > 0);

const exclusive = EXCLUSIVE.map(({ name, what, rooms }) => ({
  name: `only-its-room-${name}`,
  severity: 'error',
  from: { path: '^(src|commands|bin)/', pathNot: rooms },
  to: { path: what },
}));

module.exports = {
  forbidden: [
    ...upwards,
    ...exclusive,
    {
      name: 'no-timers-below',
      severity: 'error',
      from: { path: SYNCHRONOUS },
      to: { path: '^(node:)?(timers|worker_threads|child_process|net|tls)' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['writer-thread\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
