/** Thrown where Kafka closes a connection instead of answering; the message says why, for the log. */
export class CloseConnection extends Error {}
