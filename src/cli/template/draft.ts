/** What the fields of an input template mean: where each goes in the record that is being read. */
import { isUtf8 } from 'node:buffer';
import type { Header } from '../../types.ts';
import { shown } from '../input/refusals.ts';
import type { TextFormat } from './texts.ts';

/** A record, or a header, while its fields are read. Sizes of -1 have not been read. */
export class Draft {
  topic: string | undefined;
  key: Buffer | null = null;
  value: Buffer | null = null;
  headers: Header[] = [];
  timestamp: number | undefined;
  partition: number | undefined;
  topicSize = -1;
  keySize = -1;
  valueSize = -1;
  headerCount = 0;
  /** Bytes of all fields, even of those that were too large to keep. */
  size = 0;
  /** Why this is no record although it can be told where it ends. */
  problem: string | null = null;
}

/** What bounds every field, and whether the topic is one of them: only where none is named. */
export interface ReadLimits {
  readonly topic: string | null;
  readonly maxRecordBytes: number;
  readonly nullValue: Buffer | null;
}

/** Turns the text of a field into its bytes and puts them where they belong. */
export type StoreText = (draft: Draft, text: Buffer) => void;

/** The fields that are text, and those that say how long they are. */
export const TEXTS = 'tkv';
export const SIZES = 'TKV';

const SIZE_OF: Readonly<Record<string, (draft: Draft) => number>> = {
  t: (draft) => draft.topicSize,
  k: (draft) => draft.keySize,
  v: (draft) => draft.valueSize,
};

/** The size that was read for a text. */
export function sizeOf(field: string): (draft: Draft) => number {
  return SIZE_OF[field] as (draft: Draft) => number;
}

/** Where the text of a topic, key or value goes; `name` is what a complaint calls it. */
export function storeText(
  field: string,
  name: string,
  format: TextFormat | undefined,
  limits: ReadLimits,
  inHeader: boolean,
): StoreText {
  if (field === 't') return storeTopic(format);
  const key = field === 'k';
  const nullValue = key && inHeader ? null : limits.nullValue;
  return (draft, text) => {
    const isNull = nullValue?.equals(text) === true;
    const bytes = isNull ? null : decoded(name, format, draft, text);
    draft.size += bytes?.length ?? 0;
    const kept = draft.size > limits.maxRecordBytes ? null : bytes;
    if (key) draft.key = kept;
    else draft.value = kept;
  };
}

/** The bytes that a text stands for; null, and a problem of the draft, when it stands for none. */
function decoded(name: string, format: TextFormat | undefined, draft: Draft, text: Buffer): Buffer | null {
  const bytes = format?.decode ? format.decode(text) : Buffer.from(text);
  if (bytes === null) draft.problem ??= `${name} is not ${format?.name}: ${shown(text)}`;
  return bytes;
}

/** No topic's name is longer (bytes), so that no more than this is kept of what stands in its place. */
const MOST_TOPIC_BYTES = 249;

function storeTopic(format: TextFormat | undefined): StoreText {
  return (draft, text) => {
    const bytes = decoded('%t', format, draft, text);
    if (bytes === null) return;
    if (bytes.length > MOST_TOPIC_BYTES || !isUtf8(bytes)) draft.problem ??= `%t is no topic's name: ${shown(bytes)}`;
    else draft.topic = bytes.toString();
  };
}

/** Where the number of a field goes. */
export function storeNumber(field: string): (draft: Draft, n: number) => void {
  return NUMBERS[field] ?? (() => undefined);
}

/**
 * Where the numbers go that mean something to a producer. The others (`%o %e %x %y`) are read and forgotten, as in rpk, so that
 * what was printed with them can be read.
 */
const NUMBERS: Readonly<Record<string, (draft: Draft, n: number) => void>> = {
  T: (draft, n) => {
    draft.topicSize = n;
  },
  K: (draft, n) => {
    draft.keySize = n;
  },
  V: (draft, n) => {
    draft.valueSize = n;
  },
  H: (draft, n) => {
    draft.headerCount = n;
    if (n < 0) draft.problem ??= `%H is ${n}`;
  },
  p: (draft, n) => {
    draft.partition = n;
    if (n < 0 || n > 0x7fffffff) draft.problem ??= `%p is ${n}, which is no partition`;
  },
  d: (draft, n) => {
    draft.timestamp = n;
  },
};
