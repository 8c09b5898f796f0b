import { expect, it } from 'vitest';
import { selectTopics } from '../../src/cli/select-topics.ts';

it.each([
  [['a', 'b'], false, { names: ['a', 'b'] }],
  [['a|b'], true, { pattern: 'a|b' }],
  [['a|b', 'c'], true, { pattern: '(?:a|b)|(?:c)' }],
])('%j, as expressions: %j', (given, regex, selector) => expect(selectTopics(given, regex)).toEqual(selector));
