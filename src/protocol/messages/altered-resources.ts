/** What both ways of altering configs answer. */
import { array, int8, int16, int32, string } from '../schema.ts';

export const alteredResources = {
  throttleTimeMs: int32({ default: 0 }),
  responses: array({
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    resourceType: int8(),
    resourceName: string(),
  }),
};
