/** What configs belong to (org.apache.kafka.common.config.ConfigResource.Type). */
export const RESOURCE = { topic: 2, broker: 4, logger: 8, metrics: 16, group: 32 } as const;
