/** `node --require usage-probe.cjs …`: when that process ends, writes what it has used to the file in BENCH_USAGE, as JSON. */
'use strict';

process.on('exit', () => {
  const { writeFileSync } = require('node:fs');
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage = { peakRss: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
});
