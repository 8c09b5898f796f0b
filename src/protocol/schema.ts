/**
 * protocol/: the bytes of a request and of its answer (Kafka's binary protocol), and nothing else.
 *
 * The room knows the layout of every message beck speaks, as data, one file a message in `messages/`; decoder, encoder and
 * types come from that data. It must not know sockets, topics, groups, what a request means or what is served: it is given
 * bytes and gives values, and the other way round. Records stay closed here (room record/ opens them).
 *
 * W1  What is encoded and decoded again is the same, in every version; fields that a version lacks have their default.
 * W2  Bytes from outside become values or BrokerError MALFORMED_FRAME; nothing is read past the end of a frame.
 * W3  A length is compared with the bytes that are left before anything is made for it.
 * W4  Byte strings and records that are decoded share the frame's memory; long ones are encoded without being copied.
 * W5  Tags that are unknown are skipped; a tagged field is written only when it differs from its default.
 * W6  64-bit fields are safe integers here; one that isn't makes its message malformed.
 * W7  Splitting a stream copies no byte of a frame that came in one piece, and each of the others a bounded number of times.
 * W8  A request's client id is never compact, and a response's header carries no tags but the empty list.
 *
 * Layouts are those of Kafka's clients/src/main/resources/common/message, names in camelCase.
 */

/** How a value lies in bytes. Whether strings, bytes and lists are compact is up to the message's version. */
export type WireType =
  | { readonly kind: 'int8' | 'int16' | 'int32' | 'int64' | 'boolean' | 'uuid' | 'string' | 'bytes' | 'records' }
  | { readonly kind: 'array'; readonly of: WireType }
  | { readonly kind: 'struct'; readonly layout: Layout };

export interface FieldOptions<Value> {
  /** The first version that has the field; 0 unless told. */
  readonly since?: number;
  /** The last version that has the field. */
  readonly until?: number;
  /** The first version in which it may be null. */
  readonly nullable?: number;
  /** Its number among the tagged fields; all its versions are flexible then. */
  readonly tag?: number;
  /** What it is where a version or a sender leaves it out; a field with one may be left out when encoding. */
  readonly default?: Value | null;
}

/** One field of a layout. `Value` is what decoding gives, `Given` what encoding takes. */
export class Field<Value = unknown, Given = Value, Optional extends boolean = boolean> {
  declare readonly value: Value;
  declare readonly given: Given;
  declare readonly optional: Optional;
  readonly type: WireType;
  readonly since: number;
  readonly until: number;
  readonly nullableSince: number;
  readonly tag: number | undefined;
  /** What the field is in versions that lack it. */
  readonly absent: unknown;

  constructor(type: WireType, options: FieldOptions<unknown>) {
    this.type = type;
    this.since = options.since ?? 0;
    this.until = options.until ?? Number.POSITIVE_INFINITY;
    this.nullableSince = options.nullable ?? Number.POSITIVE_INFINITY;
    this.tag = options.tag;
    this.absent = options.default === undefined ? blankOf(type) : options.default;
  }

  isIn(version: number): boolean {
    return version >= this.since && version <= this.until;
  }
}

/** The fields of a struct, in the order in which they lie. */
export interface Layout {
  readonly [name: string]: Field;
}

type Element = Field | Layout;
type Maybe<O, V> = O extends { readonly nullable: number } ? V | null : V;
type Omissible<O> = O extends { readonly default: unknown } | { readonly tag: number } ? true : false;
type OptionalNames<L extends Layout> = { [K in keyof L]: L[K]['optional'] extends true ? K : never }[keyof L];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** A struct as decoding gives it: every field is there, in every version. */
export type Decoded<L extends Layout> = { readonly [K in keyof L]: L[K]['value'] };
/** A struct as encoding takes it: fields with a default may be left out; what the version lacks is ignored. */
export type Encodable<L extends Layout> = Flat<
  { [K in Exclude<keyof L, OptionalNames<L>>]: L[K]['given'] } & { [K in OptionalNames<L>]?: L[K]['given'] | undefined }
>;
type DecodedElement<E extends Element> = E extends Field ? E['value'] : E extends Layout ? Decoded<E> : never;
type EncodableElement<E extends Element> = E extends Field ? E['given'] : E extends Layout ? Encodable<E> : never;

const NO_BYTES = Buffer.alloc(0);
/** Kafka's id for "no id". */
export const ZERO_UUID = Buffer.alloc(16);

function scalar<Value, Given = Value>(kind: Exclude<WireType['kind'], 'array' | 'struct'>) {
  return <const O extends FieldOptions<Value> = Record<never, never>>(
    options?: O,
  ): Field<Maybe<O, Value>, Maybe<O, Given>, Omissible<O>> => new Field({ kind }, options ?? {});
}

export const int8 = scalar<number>('int8');
export const int16 = scalar<number>('int16');
export const int32 = scalar<number>('int32');
export const int64 = scalar<number>('int64');
export const boolean = scalar<boolean>('boolean');
/** 16 bytes. */
export const uuid = scalar<Buffer>('uuid');
export const string = scalar<string>('string');
export const bytes = scalar<Buffer>('bytes');
/** Record batches, one after the other. To be encoded they may come in pieces. */
export const records = scalar<Buffer, Buffer | readonly Buffer[]>('records');

/** A list of structs, or of values (`array(int32())`; that field's options count for nothing). */
export function array<E extends Element, const O extends FieldOptions<readonly never[]> = Record<never, never>>(
  of: E,
  options?: O,
): Field<Maybe<O, readonly DecodedElement<E>[]>, Maybe<O, readonly EncodableElement<E>[]>, Omissible<O>> {
  const element: WireType = of instanceof Field ? of.type : { kind: 'struct', layout: of as Layout };
  return new Field({ kind: 'array', of: element }, options ?? {});
}

export function struct<L extends Layout, const O extends FieldOptions<never> = Record<never, never>>(
  layout: L,
  options?: O,
): Field<Maybe<O, Decoded<L>>, Maybe<O, Encodable<L>>, Omissible<O>> {
  return new Field({ kind: 'struct', layout }, options ?? {});
}

/** What Kafka takes a field for that nothing is said about. */
function blankOf(type: WireType): unknown {
  switch (type.kind) {
    case 'boolean':
      return false;
    case 'string':
      return '';
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
    case 'records':
      return NO_BYTES;
    case 'array':
      return [];
    case 'struct':
      return blankStruct(type.layout);
    default:
      return 0;
  }
}

/** A struct of defaults, its fields in the layout's order. */
export function blankStruct(layout: Layout): Record<string, unknown> {
  return Object.fromEntries(Object.entries(layout).map(([name, field]) => [name, field.absent]));
}
