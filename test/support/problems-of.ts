import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Broker } from '../../src/broker/broker.ts';
import { wholeCheck } from '../../src/broker/whole-check.ts';
import { DATABASE_FILE } from '../../src/store/store.ts';

/** What `beck check` would say. */
export function problemsOf(dir: string): string[] {
  if (!existsSync(join(dir, DATABASE_FILE))) return [];
  const broker = Broker.open(dir, 'existing');
  try {
    const steps = wholeCheck(broker.store);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value.problems.map(({ what }) => what);
    }
  } finally {
    broker.close();
  }
}
