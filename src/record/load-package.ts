import { createRequire } from 'node:module';

/**
 * The one place where this room loads packages, at first use and synchronously: most runs need none of them, and start-up is
 * a promise. In the bundle (one CommonJS file, packages external) there is a `__filename` and no `import.meta.url`.
 */
const requirePackage = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);

/** A package is not installed, or has no binary for this platform. */
export class PackageMissing extends Error {
  constructor(name: string, cause: unknown) {
    super(`the package ${name} is not installed or does not run here`, { cause });
    this.name = 'PackageMissing';
  }
}

/** Loads a package, or a file by its absolute path. @throws PackageMissing */
export function loadPackage<T>(name: string): T {
  try {
    return requirePackage(name) as T;
  } catch (error) {
    throw new PackageMissing(name, error);
  }
}

/** Whether a package can be found; it is not loaded. */
export function isInstalled(name: string): boolean {
  try {
    return requirePackage.resolve(name) !== '';
  } catch {
    return false;
  }
}

/** Where a package's main file lies. @throws PackageMissing */
export function locatePackage(name: string): string {
  try {
    return requirePackage.resolve(name);
  } catch (error) {
    throw new PackageMissing(name, error);
  }
}
