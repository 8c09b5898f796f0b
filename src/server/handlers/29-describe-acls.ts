import { describeAcls } from '../../protocol/messages/29-describe-acls.ts';
import { handler } from '../handler.ts';
import { NO_AUTHORIZER } from '../no-authorizer.ts';

export const answerDescribeAcls = handler(
  describeAcls,
  () => ({ ...NO_AUTHORIZER, resources: [] }),
  (_, errorCode, errorMessage) => ({ errorCode, errorMessage, resources: [] }),
);
