import { join } from 'node:path';

/** An esbuild plugin: these files, where they are imported dynamically, are not in the bundle. Whoever comes there anyway is a bug. */
export function leaveOut(root, files) {
  const left = new Set(files.map((file) => join(root, file)));
  return {
    name: 'leave-out',
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' && left.has(join(resolveDir, path)) ? { path, namespace: 'left-out' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is in the other bundle`)})`,
      }));
    },
  };
}
