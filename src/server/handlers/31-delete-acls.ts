import { deleteAcls } from '../../protocol/messages/31-delete-acls.ts';
import { handler } from '../handler.ts';
import { NO_AUTHORIZER } from '../no-authorizer.ts';

export const answerDeleteAcls = handler(
  deleteAcls,
  ({ filters }) => ({ filterResults: filters.map(() => ({ ...NO_AUTHORIZER, matchingAcls: [] })) }),
  ({ filters }, errorCode, errorMessage) => ({
    filterResults: filters.map(() => ({ errorCode, errorMessage, matchingAcls: [] })),
  }),
);
