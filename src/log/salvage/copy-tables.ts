import type { Store } from '../../store/store.ts';
import { tryRead } from '../try-read.ts';
import { type RawRow, SalvageRows, type Table } from './rows.ts';

/**
 * Copies every table but `batch`, of this room or not, row by row: from its start up to where the file cannot be read, then
 * from its end. Answers the names of those that are not complete.
 */
export function copyTables(source: Store, target: Store): Set<string> {
  const [from, to] = [new SalvageRows(source), new SalvageRows(target)];
  const incomplete = new Set<string>();
  for (const table of target.read(() => to.tables())) {
    const { rows, complete } = readTable(source, from, table);
    const refused = target.write(() => rows.filter((row) => !to.put(table, row)).length);
    if (!complete || refused > 0) incomplete.add(table.name);
  }
  const sequences = tryRead(source, () => from.sequences());
  const given = 'value' in sequences ? sequences.value : [];
  target.write(() => {
    for (const { name, seq } of given) to.raiseSequence(name, seq);
  });
  return incomplete;
}

function readTable(source: Store, from: SalvageRows, table: Table): { rows: RawRow[]; complete: boolean } {
  const rows: RawRow[] = [];
  const read = (direction: 'ASC' | 'DESC') =>
    'value' in tryRead(source, () => from.walk(table, direction, (row) => rows.push(row)));
  const complete = read('ASC') || (read('DESC') && false);
  return { rows, complete };
}
