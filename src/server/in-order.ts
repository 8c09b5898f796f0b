import type { BrokerError } from '../errors.ts';
import { Refusal, refused } from './error-code.ts';

/** Those that go on, of what a request asks for. */
export function notRefused<Asked>(checked: readonly (Asked | Refusal)[]): Asked[] {
  return checked.filter((each): each is Asked => !(each instanceof Refusal));
}

/** A door's answers to those that went on, in their places among those that did not. */
export function inTheirPlaces<Answered extends object>(
  checked: readonly unknown[],
  answers: readonly (Answered | BrokerError)[],
): (Answered | Refusal)[] {
  const each = answers.values();
  return checked.map((asked) => {
    if (asked instanceof Refusal) return asked;
    const answer = each.next().value as Answered | BrokerError;
    return answer instanceof Error ? refused(answer) : answer;
  });
}
