import { apiVersions } from '../../protocol/messages/18-api-versions.ts';
import { call } from '../../protocol/messages/32000-call.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

/** What a client may call itself (KIP-511). */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** No feature is told of: one with a lower end of 0 makes Java clients up to 3.8 fail (KAFKA-17492). */
export const answerApiVersions = handler(
  apiVersions,
  ({ clientSoftwareName: name, clientSoftwareVersion: version }, { apis, client, version: apiVersion }) => {
    if (apiVersion >= 3) {
      if (!SOFTWARE.test(name) || !SOFTWARE.test(version)) return { errorCode: CODE.INVALID_REQUEST, apiKeys: [] };
      client.introduce(name, version);
    }
    const told = apis.filter(({ key }) => key !== call.key || client.isOwn);
    const apiKeys = told.map(({ key, advertised: [minVersion, maxVersion] }) => ({
      apiKey: key,
      minVersion,
      maxVersion,
    }));
    return { errorCode: CODE.NONE, apiKeys };
  },
  (_, errorCode) => ({ errorCode, apiKeys: [] }),
);
