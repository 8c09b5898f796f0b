import { createAcls } from '../../protocol/messages/30-create-acls.ts';
import { handler } from '../handler.ts';
import { NO_AUTHORIZER } from '../no-authorizer.ts';

export const answerCreateAcls = handler(
  createAcls,
  ({ creations }) => ({ results: creations.map(() => NO_AUTHORIZER) }),
  ({ creations }, errorCode, errorMessage) => ({ results: creations.map(() => ({ errorCode, errorMessage })) }),
);
