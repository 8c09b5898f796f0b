/**
 * Every way beck can fail, one row each. A code is stable: scripts match on it, `--json` prints it, the README lists it.
 * Where Kafka has a name for the failure the code is Kafka's and `kafka` is its number on the wire (org.apache.kafka.common.
 * protocol.Errors); `kafka` of beck's own codes is the nearest one a foreign client understands.
 *
 * `message` and `hint` are sentences with `{placeholders}`, filled from the details that are thrown with the code. A hint
 * says what would be right, or the next command; it may be replaced where the thrower knows better ("did you mean …?").
 */
export interface ErrorRow {
  readonly kafka: number;
  readonly exit: ExitCode;
  readonly message: string;
  readonly hint: string;
}

/** 0 done · 1 failed · 2 usage · 3 not found · 4 conflict or busy · 5 storage · 70 beck's fault · 124 timeout · 130 Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 70 | 124 | 130;

const row = (kafka: number, exit: ExitCode, message: string, hint = ''): ErrorRow => ({ kafka, exit, message, hint });

export const ERRORS = {
  USAGE: row(42, 2, '{problem}', '`{command} --help` shows how it is used'),
  INVALID_INPUT: row(42, 1, '{where}: {problem}'),
  INPUT_UNREADABLE: row(42, 3, 'cannot read {file}: {problem}'),
  OUTPUT_UNWRITABLE: row(56, 5, 'cannot write the output: {problem}'),
  UNKNOWN_TOPIC_OR_PARTITION: row(3, 3, "there is no topic '{topic}'", '`beck topic list` shows them all'),
  UNKNOWN_TOPIC_ID: row(100, 3, 'there is no topic with the id {id}'),
  UNKNOWN_PARTITION: row(
    3,
    3,
    '{topic} has no partition {partition}; it has {count}',
    '`beck topic describe {topic}` shows them',
  ),
  TOPIC_ALREADY_EXISTS: row(36, 4, "there is a topic '{topic}' already", '--if-not-exists leaves it as it is'),
  INVALID_TOPIC_EXCEPTION: row(
    17,
    2,
    "'{topic}' is no name for a topic: {problem}",
    'letters, digits, `.`, `_` and `-`, at most 249 of them',
  ),
  INVALID_PARTITIONS: row(37, 2, '{problem}'),
  INVALID_CONFIG: row(40, 2, '{problem}'),
  MESSAGE_TOO_LARGE: row(10, 1, "{bytes} bytes, over {topic}'s max.message.bytes of {limit}"),
  INVALID_RECORD: row(87, 1, '{problem}'),
  INVALID_TIMESTAMP: row(32, 1, '{problem}'),
  CORRUPT_MESSAGE: row(2, 5, '{problem}', '`beck check` reads every byte once'),
  UNSUPPORTED_COMPRESSION_TYPE: row(76, 1, 'a batch is compressed with {codec}, which cannot be read here: {problem}'),
  MALFORMED_FRAME: row(42, 1, '{what}: {problem}'),
  OFFSET_OUT_OF_RANGE: row(1, 1, '{topic} {partition} has offsets {start} to {end}; {offset} is outside'),
  POLICY_VIOLATION: row(44, 4, '{problem}'),
  INVALID_GROUP_ID: row(24, 2, "'{group}' is no name for a group: {problem}"),
  INVALID_SESSION_TIMEOUT: row(26, 2, 'a session timeout is {least} to {most} ms; not {timeout}'),
  GROUP_ID_NOT_FOUND: row(69, 3, "there is no group '{group}'", '`beck group list` shows them all'),
  NON_EMPTY_GROUP: row(
    68,
    4,
    '{group} is active: {members}',
    'stop them first; `beck group describe {group}` shows who they are',
  ),
  GROUP_SUBSCRIBED_TO_TOPIC: row(86, 4, '{group} has members that read {topic}', 'stop them first'),
  UNKNOWN_MEMBER_ID: row(25, 4, '{member} is no member of {group}', 'others have its partitions by now'),
  FENCED_INSTANCE_ID: row(82, 4, 'another process has come to {group} as {instance}'),
  UNRELEASED_INSTANCE_ID: row(
    111,
    4,
    '{group} has a member {instance} already: {member}',
    'stop that one, or choose another --instance-id',
  ),
  FENCED_MEMBER_EPOCH: row(110, 4, '{member} of {group} says epoch {epoch}; it is {known}', 'it has to join again'),
  UNSUPPORTED_ASSIGNOR: row(112, 2, "there is no assignor '{assignor}'", 'uniform and range are there'),
  INVALID_REGULAR_EXPRESSION: row(128, 2, "'{pattern}' is no regular expression: {problem}"),
  INVALID_REQUEST: row(42, 2, '{problem}'),
  UNSUPPORTED_VERSION: row(35, 2, '{problem}'),
  MEMBER_ID_REQUIRED: row(79, 4, 'a member of {group} comes twice: for its id, and with it'),
  ILLEGAL_GENERATION: row(22, 4, '{group} has another generation by now', 'join it again'),
  REBALANCE_IN_PROGRESS: row(27, 4, '{group} is rebalancing', 'join it again'),
  INCONSISTENT_GROUP_PROTOCOL: row(
    23,
    4,
    '{group} has members that agree in another way: {problem}',
    'choose another group; `beck group describe {group}` shows who they are',
  ),
  STALE_MEMBER_EPOCH: row(113, 4, 'another member of {group} has {topic} {partition} by now'),
  OFFSET_METADATA_TOO_LARGE: row(12, 1, 'the metadata of an offset are {bytes} bytes, over the limit of {limit}'),
  PRODUCER_FENCED: row(
    90,
    4,
    '{id} has gone on without this producer: it had epoch {epoch}, and {current} is the last',
    'its transaction was aborted: by another producer of its name, because it took too long, or by `beck txn abort`',
  ),
  INVALID_PRODUCER_EPOCH: row(
    47,
    4,
    'producer {producer} has epoch {current} by now, and this is a batch of epoch {epoch}',
    'its transaction was aborted: by another producer of its name, because it took too long, or by `beck txn abort`',
  ),
  OUT_OF_ORDER_SEQUENCE_NUMBER: row(
    45,
    1,
    'producer {producer} sent record {sequence}, where its record {expected} has to come next',
    'a batch before it was lost, or stored long ago; nothing of this one was stored',
  ),
  INVALID_TXN_STATE: row(48, 4, '{id}: {problem}'),
  INVALID_PRODUCER_ID_MAPPING: row(
    49,
    3,
    'nobody has transactions as producer {producer}',
    'its transactional id was forgotten, or is another producer by now; it has to begin anew',
  ),
  INVALID_TRANSACTION_TIMEOUT: row(50, 2, 'a transaction may take 1 to {most} ms; not {timeout}'),
  TRANSACTIONAL_ID_NOT_FOUND: row(105, 3, "there is no transactional id '{id}'", '`beck txn list` shows them all'),
  RESOURCE_NOT_FOUND: row(91, 3, "there is no user '{user}'", '`beck user list` shows them all'),
  UNACCEPTABLE_CREDENTIAL: row(93, 2, '{problem}'),
  COMMAND_FAILED: row(
    -1,
    1,
    '{problem}',
    'nothing of these was committed, and the next run begins there; --on-error skip, or dlq TOPIC, goes on without what fails',
  ),
  ADDRESS_UNAVAILABLE: row(-1, 4, 'cannot listen on {address}: {problem}', 'port 0 takes any free one'),
  SOCKET_UNAVAILABLE: row(-1, 4, 'cannot listen on {path}: {problem}', '--socket names another place'),
  BROKER_UNREACHABLE: row(
    13,
    3,
    'nobody answers at {broker}: {problem}',
    '`beck serve` answers there while it runs; without --broker and BECK_BROKER the data directory itself is used',
  ),
  BROKER_UNSUITABLE: row(
    35,
    4,
    '{broker} is no broker for this beck: {problem}',
    'run `beck serve` and this command from the same beck',
  ),
  BROKER_LOST: row(
    13,
    1,
    'the server at {broker} went away: {problem}',
    'what it had not answered may be done or not; `beck serve` answers there while it runs',
  ),
  TARGET_EXISTS: row(42, 4, '{path} exists already', 'name a folder that does not exist yet'),
  NO_DATA_DIRECTORY: row(
    56,
    3,
    'there is no beck database in {path}',
    '`beck topic create NAME` makes one; --data-dir names another folder',
  ),
  STORAGE_BUSY: row(7, 4, 'another process keeps {path} busy', 'try again when it has finished writing'),
  STORAGE_FULL: row(
    56,
    5,
    'no space is left on the disk for {path}; nothing of this commit was stored',
    '`beck retention run`, `beck topic trim` and `beck topic delete` free space even now',
  ),
  STORAGE_CORRUPT: row(
    56,
    5,
    '{path} is damaged: {problem}',
    '`beck check` says what is wrong, `beck check --salvage DIR` copies what can be read; nothing was touched',
  ),
  STORAGE_FOREIGN: row(
    56,
    5,
    '{path} is not a beck database: {problem}',
    'nothing was touched; --data-dir names another folder',
  ),
  STORAGE_NEWER: row(
    56,
    5,
    '{path} was written by a newer beck (format {found}, this one knows {known})',
    'nothing was touched; update beck',
  ),
  STORAGE_READ_ONLY: row(56, 5, '{path} cannot be written: {problem}', '--data-dir names another folder'),
  STORAGE_UNSAFE_FS: row(
    56,
    5,
    '{path} is on {fs}, where several processes cannot share a database safely',
    'choose a local folder with --data-dir, or say --allow-unsafe-fs and use it from one process at a time',
  ),
  STORAGE_DRIVER: row(
    56,
    5,
    'better-sqlite3 has no binary that runs here ({platform} {arch}, Node {version})',
    '`npm rebuild better-sqlite3` makes one; it wants install scripts to be allowed, or Python and a C++ compiler',
  ),
  STORAGE_FAILED: row(56, 5, '{path}: {problem}'),
  SYNC_FAILED: row(
    56,
    5,
    'the disk did not take {path}: {problem}',
    'what was written last can be read, and a power cut may take it: look at the disk before you go on',
  ),
  CHECK_FAILED: row(56, 5, '{problem}', '`beck check --salvage DIR` copies what can be read to a new folder'),
  INTERRUPTED: row(-1, 130, 'interrupted'),
  BUG: row(
    -1,
    70,
    'a fault of beck itself: {problem}',
    'please report it with what you did; BECK_DEBUG=1 shows the trace',
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Readonly<Record<string, string | number>> & { readonly hint?: string };

/** The one class of expected failures. Anything else that reaches the outermost frame is a bug (exit 70). */
export class BrokerError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    const { message, hint, exit } = ERRORS[code];
    super(fill(message, details), options);
    this.name = 'BrokerError';
    this.code = code;
    this.details = details;
    this.hint = details.hint ?? fill(hint, details);
    this.exitCode = exit;
  }
}

/**
 * The error that a broker said with this number of Kafka's and, where there was one, this sentence; where there was none, with what
 * is known of it here.
 */
export function errorSaid(kafka: number, sentence: string | null, known: ErrorDetails = {}): BrokerError {
  const rows = Object.entries(ERRORS) as [ErrorCode, ErrorRow][];
  let found: BrokerError | undefined;
  let most = -1;
  for (const [code, { kafka: number, message }] of rows) {
    if (number !== kafka || number === UNEXPECTED) continue;
    const details = sentence ? unfill(message, sentence) : fills(message, known) ? known : undefined;
    const literal = message.replace(PLACES, '').length;
    if (details === undefined || literal < most) continue;
    found = new BrokerError(code, details);
    most = literal;
  }
  const said = sentence ? `: ${sentence}` : '';
  return (
    found ?? new BrokerError('BUG', { problem: `the server answered with error ${kafka}${said}; its log says more` })
  );
}

const PLACES = /\{(\w+)\}/g;

function fills(template: string, details: ErrorDetails): boolean {
  return [...template.matchAll(PLACES)].every(([, name = '']) => details[name] !== undefined);
}

/** Kafka's UNKNOWN_SERVER_ERROR. */
const UNEXPECTED = -1;

/** What a template was filled with; undefined: the sentence is another one. */
function unfill(template: string, sentence: string): ErrorDetails | undefined {
  const parts = template.split(/\{(\w+)\}/);
  const pattern = parts.map((part, i) => (i % 2 === 1 ? '(.*)' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))).join('');
  const match = new RegExp(`^${pattern}$`, 's').exec(sentence);
  if (match === null) return undefined;
  const names = parts.filter((_, i) => i % 2 === 1);
  return Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? '']));
}

/** A whole number as people compare it: digits in groups of three, `1 048 588`. */
export function groupDigits(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(PLACES, (_, name: string) => {
    const value = details[name];
    if (value === undefined) return `{${name}}`;
    return typeof value === 'number' ? groupDigits(value) : value;
  });
}
