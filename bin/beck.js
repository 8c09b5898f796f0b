#!/usr/bin/env node
/**
 * The door. It checks Node's version before anything newer is parsed, loads the one bundle through V8's code cache, runs the
 * command and sets the exit code. What the command printed has reached the kernel by then, so nothing can be cut off.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

