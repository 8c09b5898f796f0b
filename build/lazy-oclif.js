/**
 * An esbuild plugin that makes @oclif/core start quickly. Its Command requires, at load, the configuration loader, the help
 * and the prompts of a plugin system that beck's frame does not use. TypeScript compiled it, so every `const x_1 =
 * require(…)` stands on a line of its own and every use is `x_1.name`: here they become calls that load at the first use.
 */
import { readFile } from 'node:fs/promises';

const IMPORT = /^(?:const|var) (\w+) = ((?:__importDefault|__importStar)\(require\("[^"]+"\)\)|require\("[^"]+"\));$/gm;

/** oclif swallows EPIPE on stdout, and opens the stream to do so; stdout has an owner of its own (src/cli/fd-writer.ts). */
const STDOUT_LISTENER = /^process\.stdout\.on\('error', \(err\) => \{\n(?: {4}.*\n)+\}\);$/m;

/** Never used by what beck calls: reading configurations and plugins, oclif's own help, templates, spinners. */
const UNUSED =
  /@oclif[\\/]core[\\/]lib[\\/](?:config|help)[\\/]index\.js$|[\\/]node_modules[\\/](?:ejs|cli-spinners)[\\/]/;
const OCLIF = /@oclif[\\/]core[\\/]lib[\\/].*\.js$/;
const COMMAND = /[\\/]lib[\\/]command\.js$/;

export const lazyOclif = {
  name: 'lazy-oclif',
  setup(build) {
    build.onLoad({ filter: UNUSED }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
    build.onLoad({ filter: OCLIF }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { contents: makeLazy(COMMAND.test(path) ? withoutListener(source) : source), loader: 'js' };
    });
  },
};

function makeLazy(source) {
  const names = [];
  const declared = source.replace(IMPORT, (_, name, load) => {
    names.push(name);
    return `let ${name}$value; const ${name}$ = () => (${name}$value ??= ${load});`;
  });
  return names.reduce(
    (text, name) => text.replace(new RegExp(`(?<![\\w$.])${name}(?=\\.)`, 'g'), `(${name}$())`),
    declared,
  );
}

function withoutListener(source) {
  if (!STDOUT_LISTENER.test(source))
    throw new Error('lazy-oclif: @oclif/core has changed, its listener on stdout was not found');
  return source.replace(STDOUT_LISTENER, '');
}
