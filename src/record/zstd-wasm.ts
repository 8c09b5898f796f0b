import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadPackage, locatePackage } from './load-package.ts';

/** The package's own `init` is asynchronous; this is what we need to do it at once. TypeScript's lib has it with the DOM only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => Instance;
};
type Instance = { readonly exports: object };

/** zstd's C library as @bokuweb/zstd-wasm compiles it; sizes are bytes, addresses lie in its own memory. */
interface ZstdWasm {
  HEAPU8: Uint8Array;
  instantiateWasm: (imports: object, receive: (instance: Instance) => void) => object;
  init(): void;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _ZSTD_compressBound(bytes: number): number;
  _ZSTD_compress(to: number, toBytes: number, from: number, fromBytes: number, level: number): number;
  _ZSTD_decompress(to: number, toBytes: number, from: number, fromBytes: number): number;
  _ZSTD_getFrameContentSize(from: number, fromBytes: number): number;
  _ZSTD_isError(size: number): number;
}

const PACKAGE = '@bokuweb/zstd-wasm';

/** The level of Kafka's clients, and zstd's own default. */
const LEVEL = 3;

/** ZSTD_ErrorCode dstSize_tooSmall, as the C functions return it. */
const TOO_SMALL = -70;

/** The lower half of ZSTD_CONTENTSIZE_UNKNOWN and _ERROR, unsigned. */
const SIZE_UNKNOWN = 0xfffffffe;

let loaded: ZstdWasm | undefined;

/** Compresses to one standard frame, on a Node without zstd. */
export function compressZstdWasm(plain: Buffer): Uint8Array {
  const zstd = load();
  return withInput(zstd, plain, (from) => {
    const most = zstd._ZSTD_compressBound(plain.length);
    const result = withOutput(zstd, most, (to) => zstd._ZSTD_compress(to, most, from, plain.length, LEVEL));
    if (typeof result === 'number') throw new Error(`zstd error ${-result}`);
    return result;
  });
}

/** Reads standard frames, on a Node without zstd. Where they don't say their size (Java's don't) a guess is doubled. */
export function decompressZstdWasm(bytes: Buffer, limit: number): Uint8Array {
  const zstd = load();
  return withInput(zstd, bytes, (from) => {
    const told = zstd._ZSTD_getFrameContentSize(from, bytes.length) >>> 0;
    let most = Math.min(limit, told < SIZE_UNKNOWN ? told : Math.max(64 * 1024, 8 * bytes.length));
    for (;;) {
      const result = withOutput(zstd, most, (to) => zstd._ZSTD_decompress(to, most, from, bytes.length));
      if (typeof result !== 'number') return result;
      if (result !== TOO_SMALL) throw new Error(`zstd error ${-result}`);
      if (most === limit) throw new Error(`it would take more than ${limit} bytes`);
      most = Math.min(limit, Math.max(64 * 1024, 2 * most));
    }
  });
}

function withInput(zstd: ZstdWasm, bytes: Buffer, use: (from: number) => Uint8Array): Uint8Array {
  const from = allocate(zstd, bytes.length);
  try {
    zstd.HEAPU8.set(bytes, from);
    return use(from);
  } finally {
    zstd._free(from);
  }
}

/** Runs a C function that fills up to `most` bytes: a copy of what it wrote, or its error (negative). */
function withOutput(zstd: ZstdWasm, most: number, fill: (to: number) => number): Uint8Array | number {
  const to = allocate(zstd, most);
  try {
    const size = fill(to);
    return zstd._ZSTD_isError(size) === 0 ? zstd.HEAPU8.slice(to, to + size) : size;
  } finally {
    zstd._free(to);
  }
}

function allocate(zstd: ZstdWasm, bytes: number): number {
  const address = zstd._malloc(Math.max(bytes, 1));
  if (address === 0) throw new Error(`no memory for ${bytes} bytes`);
  return address >>> 0;
}

/** Compiles and starts the module at once (3 ms), by the hook that Emscripten has for it. */
function load(): ZstdWasm {
  if (loaded !== undefined) return loaded;
  const folder = dirname(locatePackage(PACKAGE));
  const { Module: zstd } = loadPackage<{ Module: ZstdWasm }>(join(folder, 'zstd.js'));
  zstd.instantiateWasm = (imports, receive) => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(join(folder, 'zstd.wasm'))), imports);
    receive(instance);
    return instance.exports;
  };
  zstd.init();
  loaded = zstd;
  return zstd;
}
