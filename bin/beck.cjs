#!/usr/bin/env node
/**
 * The door: checks Node's version before anything newer than it is parsed, loads the bundle through V8's code cache, runs
 * the command and sets the exit code. What the command printed has reached the kernel by then, so nothing can be cut off.
 *
 * CommonJS, because loading one ES module costs a quarter of what Node itself takes to start. The code cache lies in the
 * user's cache folder and nowhere else; it is made after the command's work, so that it holds what the command really used;
 * where it cannot be written, beck is slower and silent about it.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const OLDEST_NODE = [20, 19];
/** The server, and what speaks to one, are in the larger bundle alone: with them every run would start 4 ms later. */
const wantsServer =
  Boolean(process.env.BECK_BROKER) ||
  process.argv.slice(2).some((word) => word === 'serve' || word.startsWith('--broker'));
const BUNDLE = path.join(__dirname, '..', 'dist', wantsServer ? 'beck-all.cjs' : 'beck.cjs');
const EXIT_USAGE = 2;

function main() {
  if (isTooOld()) return refuse(`beck needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}`);
  const bundle = fs.statSync(BUNDLE, { throwIfNoEntry: false });
  if (!bundle) return refuse('beck is not built here; `npm run build` does it');
  const cache = cacheOf(bundle);
  const cachedData = cache && readOwn(cache.file);
  const vm = require('node:vm');
  const script = new vm.Script(
    // The bundle is ASCII, so that V8 need not look for wide characters.
    `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(BUNDLE, 'latin1')}\n})`,
    { filename: BUNDLE, cachedData, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
  );
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, BUNDLE, path.dirname(BUNDLE));
  module.exports.runProcess(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
    if (cache && code !== EXIT_USAGE && (!cachedData || script.cachedDataRejected)) keep(cache, script);
  });
}

function isTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

function refuse(sentence) {
  fs.writeSync(2, `${sentence}\n`);
  process.exitCode = EXIT_USAGE;
}

/**
 * Where this bundle's cache is. V8 takes one back only under the same version, processor and flags and for the same source,
 * so those make its name; `family` is what the caches of this bundle's former builds share. Each command has its own, which
 * holds the functions that this command uses: another one's would make it 5 to 15 % slower to start.
 */
function cacheOf(bundle) {
  const folder = cacheFolder();
  if (!folder) return undefined;
  const { versions, arch, execArgv, env } = process;
  const command = /^[a-z]{1,12}$/.test(process.argv[2] ?? '') ? process.argv[2] : 'other';
  const family = `code-${command}-${hash([versions.v8, arch, ...execArgv, env.NODE_OPTIONS, BUNDLE].join('\0'))}-`;
  return { folder, family, file: path.join(folder, family + hash(`${bundle.size} ${bundle.mtimeMs}`)) };
}

function cacheFolder() {
  const { env, platform } = process;
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return path.join(env.XDG_CACHE_HOME, 'beck');
  if (platform === 'win32') return env.LOCALAPPDATA && path.join(env.LOCALAPPDATA, 'beck', 'cache');
  if (!env.HOME || !path.isAbsolute(env.HOME)) return undefined;
  return platform === 'darwin'
    ? path.join(env.HOME, 'Library', 'Caches', 'beck')
    : path.join(env.HOME, '.cache', 'beck');
}

/** Code that somebody else has written is not run. */
function readOwn(file) {
  try {
    const isOwn = !process.getuid || fs.statSync(file).uid === process.getuid();
    return isOwn ? fs.readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all: another process may be reading. */
function keep({ folder, family, file }, script) {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, script.createCachedData(), { mode: 0o600 });
    fs.renameSync(temporary, file);
    const former = fs.readdirSync(folder).filter((name) => name.startsWith(family) && path.join(folder, name) !== file);
    for (const name of former) fs.rmSync(path.join(folder, name), { force: true });
  } catch {
    // Slower, and silent about it.
  }
}

/** FNV-1a over the characters, 64 bits in hexadecimal: a name, not a seal. */
function hash(text) {
  let value = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return value.toString(16);
}

main();
