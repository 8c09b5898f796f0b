/** Where a config's value comes from (org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource). */
export const CONFIG_SOURCE = { topic: 1, static: 4, default: 5 } as const;
