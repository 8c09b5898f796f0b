/** `node --require usage-probe.cjs …`: when that process ends, writes its peak memory in bytes to the file in BENCH_USAGE. */
'use strict';

process.on('exit', () => {
  const { writeFileSync } = require('node:fs');
  writeFileSync(process.env.BENCH_USAGE, String(process.resourceUsage().maxRSS * 1024));
});
