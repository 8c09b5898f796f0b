/**
 * oclif.manifest.json as `oclif manifest` makes it (with oclif's own `cacheCommand`), but from the bundle: oclif's generator
 * wants a folder of compiled commands, and there is none. It leaves out `ignoreStdin`, which beck's tests want to see.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

export async function writeManifest(root, version) {
  const oclif = dirname(require.resolve('@oclif/core/package.json'));
  const { cacheCommand } = require(join(oclif, 'lib/util/cache-command.js'));
  const { COMMANDS } = require(join(root, 'dist/beck.cjs'));
  const commands = {};
  for (const [name, load] of Object.entries(COMMANDS)) {
    const { default: Command } = await load();
    const row = await cacheCommand(Command);
    commands[name.replaceAll(' ', ':')] = {
      ...row,
      id: name.replaceAll(' ', ':'),
      args: withIgnoreStdin(row.args, Command.args),
    };
  }
  await writeFile(join(root, 'oclif.manifest.json'), `${JSON.stringify({ version, commands }, null, 2)}\n`);
}

function withIgnoreStdin(cached, args) {
  return Object.fromEntries(
    Object.entries(cached).map(([name, row]) => [name, { ...row, ignoreStdin: args[name].ignoreStdin === true }]),
  );
}
