import type { Position } from '../../types.ts';

/** What an argument of a call looks like: it comes from another process, and nothing below looks at it again. */
export interface Shape<T = unknown> {
  /** In a sentence: `a string`. */
  readonly what: string;
  fits(value: unknown): value is T;
}

/** Named arguments, as their shapes say. */
export type Given<Takes extends Readonly<Record<string, Shape>>> = {
  readonly [K in Exclude<keyof Takes, Omissible<Takes>>]: ValueOf<Takes[K]>;
} & { readonly [K in Omissible<Takes>]?: ValueOf<Takes[K]> };

type ValueOf<S> = S extends Shape<infer T> ? T : never;
type Omissible<Takes> = { [K in keyof Takes]: undefined extends ValueOf<Takes[K]> ? K : never }[keyof Takes];

export const shape = <T>(what: string, fits: (value: unknown) => boolean): Shape<T> => ({ what, fits }) as Shape<T>;

export const text = shape<string>('a string', (value) => typeof value === 'string');
export const flag = shape<boolean>('true or false', (value) => typeof value === 'boolean');
export const whole = shape<number>('a whole number', (value) => Number.isSafeInteger(value));

/** Left out it is undefined. */
export const optional = <T>({ what, fits }: Shape<T>): Shape<T | undefined> =>
  shape(`${what} or nothing`, (value) => value === undefined || fits(value));

export const nullable = <T>({ what, fits }: Shape<T>): Shape<T | null> =>
  shape(`${what} or null`, (value) => value === null || fits(value));

export const listOf = <T>({ what, fits }: Shape<T>): Shape<readonly T[]> =>
  shape(`a list, each ${what}`, (value) => Array.isArray(value) && value.every((each) => fits(each)));

export const mapOf = <T>({ what, fits }: Shape<T>): Shape<Readonly<Record<string, T>>> =>
  shape(
    `an object, each field ${what}`,
    (value) => isObject(value) && Object.values(value).every((each) => fits(each)),
  );

/** With these fields and no others. */
export const object = <Takes extends Readonly<Record<string, Shape>>>(
  what: string,
  fields: Takes,
): Shape<Given<Takes>> => shape(what, (value) => isObject(value) && problemOf(value, fields) === undefined);

export const anyOf = <T>(what: string, ...shapes: readonly Shape<T>[]): Shape<T> =>
  shape(what, (value) => shapes.some((each) => each.fits(value)));

export const position: Shape<Position> = shape('a position', (value) => {
  if (!isObject(value)) return false;
  const { at, ...rest } = value;
  const number = POSITIONS[String(at)];
  return number !== undefined && Object.keys(rest).join() === number && Object.values(rest).every(Number.isSafeInteger);
});

/** The name of the number that each kind of position has. */
const POSITIONS: Readonly<Record<string, string>> = {
  start: '',
  end: '',
  offset: 'offset',
  'before-end': 'count',
  'after-start': 'count',
  time: 'timestamp',
};

/** What of an object's fields is not as it shall be; undefined: nothing. */
export function problemOf(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Shape>>,
): string | undefined {
  const odd = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (odd !== undefined) return `there is no argument '${odd}'`;
  const wrong = Object.entries(fields).find(([name, { fits }]) => !fits(value[name]));
  return wrong && `'${wrong[0]}' is not ${wrong[1].what}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
