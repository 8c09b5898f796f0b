import { checkGroups } from '../group/check/check.ts';
import { checkLog, type LogCheck, type LogProblem } from '../log/check/check.ts';
import type { Store } from '../store/store.ts';
import { checkTransactions } from '../txn/check/check.ts';
import type { Steps } from './steps.ts';

/**
 * SQLite's own check of the file, then the log's, the groups' and the transactions' of what is in it. Yields bytes done, of how
 * many, as `checkLog` does.
 */
export function* wholeCheck(store: Store): Steps<LogCheck> {
  const ofFile = fileProblems(store);
  const ofLog = yield* checkLog(store);
  const others = [...checkGroups(store), ...checkTransactions(store)].map((problem) => ({ ...problem, offset: null }));
  return { ...ofLog, problems: [...ofFile, ...ofLog.problems, ...others] };
}

function fileProblems(store: Store): LogProblem[] {
  const nowhere = { topic: null, partition: null, offset: null };
  return store.integrityProblems().map((problem) => ({ what: `the file: ${problem}`, ...nowhere }));
}
