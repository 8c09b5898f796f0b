import type { Plugin } from 'esbuild';

export declare const lazyOclif: Plugin;
