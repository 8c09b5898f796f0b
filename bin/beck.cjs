#!/usr/bin/env node
/**
 * The door: checks Node's version before anything newer than it is parsed, loads the one bundle through V8's code cache, runs
 * the command and sets the exit code. What the command printed has reached the kernel by then, so nothing can be cut off.
 *
 * CommonJS, because loading one ES module costs a quarter of what Node itself takes to start. The code cache lies in the user's
 * cache folder and nowhere else; it is made after the command's work, so that it holds what the command really used; where
 * it cannot be written, beck is slower and silent about it.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const OLDEST_NODE = [20, 19];
const BUNDLE = path.join(__dirname, '..', 'dist', 'beck.cjs');
const EXIT_USAGE = 2;
const EXIT_BUG = 70;

function refuse(sentence) {
  fs.writeSync(2, `${sentence}\n`);
  process.exitCode = EXIT_USAGE;
}

function isTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

/** The folder of the cache, or undefined where there is none to be had. */
function cacheFolder() {
  const { env, platform } = process;
  const home = env.HOME || require('node:os').homedir();
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return path.join(env.XDG_CACHE_HOME, 'beck');
  if (platform === 'win32') return env.LOCALAPPDATA && path.join(env.LOCALAPPDATA, 'beck', 'cache');
  if (!home || !path.isAbsolute(home)) return undefined;
  return platform === 'darwin' ? path.join(home, 'Library', 'Caches', 'beck') : path.join(home, '.cache', 'beck');
}

/** V8 takes a cache back only under the same version, processor and flags, and only for the same source. */
function cacheName(bundle) {
  const { versions, arch, execArgv, env } = process;
  const text = [versions.v8, arch, ...execArgv, env.NODE_OPTIONS, BUNDLE, bundle.size, bundle.mtimeMs].join('\0');
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return `code-${hash.toString(16)}`;
}

function readOwn(file) {
  try {
    const isOwn = !process.getuid || fs.statSync(file).uid === process.getuid();
    return isOwn ? fs.readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

function main() {
  if (isTooOld()) return refuse(`beck needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}`);
  let bundle;
  try {
    bundle = fs.statSync(BUNDLE);
  } catch {
    return refuse(`beck is not built here: \`npm run build\` makes ${BUNDLE}`);
  }
  run(bundle);
}

function run(bundle) {
  const vm = require('node:vm');
  const folder = cacheFolder();
  const file = folder && path.join(folder, cacheName(bundle));
  const cachedData = file && readOwn(file);
  const script = new vm.Script(
    `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(BUNDLE, 'latin1')}\n})`,
    { filename: BUNDLE, cachedData, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
  );
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, BUNDLE, path.dirname(BUNDLE));
  module.exports.runProcess(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
    if (file && (!cachedData || script.cachedDataRejected)) keep(file, script);
  });
}

function keep(file, script) {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, script.createCachedData());
    fs.renameSync(temporary, file);
  } catch {
    // Slower, and silent about it.
  }
}

main();
