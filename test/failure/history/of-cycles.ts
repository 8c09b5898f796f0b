/** Cycles between transactions: an order in which they can have happened does not exist. */
import type { Analysis, Writing } from './analysis.ts';
import type { Operation } from './operation.ts';

type Graph = ReadonlyMap<Operation, ReadonlySet<Operation>>;

/**
 * G0: two transactions are each before the other where both wrote. Kafka allows it, since it isolates what is read and not what is
 * written (so does Jepsen's workload): it is found for those who have an order to hold to.
 */
export function* writeCycles(analysis: Analysis): Iterable<string> {
  for (const cycle of cyclesOf(writeEdges(analysis))) yield said(cycle, 'wrote before');
}

/** G1c: information went round in a circle, from what one wrote to what the next one read and wrote. */
export function* informationCycles(analysis: Analysis): Iterable<string> {
  for (const cycle of cyclesOf(readEdges(analysis))) yield said(cycle, 'was read by');
}

/** From each transaction to whose records come next in a partition. */
function writeEdges(analysis: Analysis): Graph {
  const graph = new Map<Operation, Set<Operation>>();
  for (const partition of analysis.partitions()) {
    let before: Writing | undefined;
    for (const [, values] of analysis.logOf(partition)) {
      for (const value of values) {
        const wrote = analysis.writerOf(value);
        if (!wrote?.written.transaction) continue;
        if (before !== undefined && before !== wrote.operation) edge(graph, before, wrote.operation);
        before = wrote.operation as Writing;
      }
    }
  }
  return graph;
}

function readEdges(analysis: Analysis): Graph {
  const graph = new Map<Operation, Set<Operation>>();
  for (const reading of analysis.readings) {
    for (const { value } of reading.read.seen) {
      const writer = analysis.writerOf(value)?.operation;
      if (writer !== undefined) edge(graph, writer, reading);
    }
  }
  return graph;
}

function edge(graph: Map<Operation, Set<Operation>>, from: Operation, to: Operation): void {
  const targets = graph.get(from) ?? new Set();
  graph.set(from, targets);
  targets.add(to);
}

/** One cycle of each strongly connected component that has one: what can be reached and reaches back. Tarjan, without recursion. */
function cyclesOf(graph: Graph): Operation[][] {
  const found: Operation[][] = [];
  const index = new Map<Operation, number>();
  const low = new Map<Operation, number>();
  const open: Operation[] = [];
  const isOpen = new Set<Operation>();
  const enter = (node: Operation) => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    open.push(node);
    isOpen.add(node);
    return { node, targets: [...(graph.get(node) ?? [])] };
  };
  const lower = (node: Operation, to: number) => low.set(node, Math.min(low.get(node) as number, to));
  const close = (node: Operation) => {
    const component = open.splice(open.lastIndexOf(node));
    for (const one of component) isOpen.delete(one);
    if (component.length > 1 || graph.get(node)?.has(node)) found.push(component);
  };
  for (const root of graph.keys()) {
    if (index.has(root)) continue;
    const walk = [enter(root)];
    for (let at = walk.at(-1); at !== undefined; at = walk.at(-1)) {
      const target = at.targets.pop();
      if (target !== undefined && !index.has(target)) walk.push(enter(target));
      else if (target !== undefined) isOpen.has(target) && lower(at.node, index.get(target) as number);
      else {
        walk.pop();
        const parent = walk.at(-1)?.node;
        if (parent !== undefined) lower(parent, low.get(at.node) as number);
        if (low.get(at.node) === index.get(at.node)) close(at.node);
      }
    }
  }
  return found;
}

function said(cycle: readonly Operation[], how: string): string {
  return `each of these ${how} the others: ${cycle.map(({ process }) => process).join(', ')}`;
}
