import type { Handler } from './handler.ts';
import { answerProduce } from './handlers/00-produce.ts';
import { answerFetch } from './handlers/01-fetch.ts';
import { answerListOffsets } from './handlers/02-list-offsets.ts';
import { answerMetadata } from './handlers/03-metadata.ts';
import { answerApiVersions } from './handlers/18-api-versions.ts';

/** What is served, one row an API, in the order of their keys. What ApiVersions tells comes from here. */
export const HANDLERS: readonly Handler[] = [
  answerProduce,
  answerFetch,
  answerListOffsets,
  answerMetadata,
  answerApiVersions,
];
