/** Kafka's "the authorized operations were not asked for". */
export const NOT_ASKED = -2147483648;
