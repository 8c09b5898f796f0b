import { AuthenticationRefused } from './authentication.ts';

/** RFC 5802's client-first-message. */
export interface ClientFirst {
  /** `n,,` and the like: what the final words have to repeat. */
  readonly header: string;
  /** Everything behind it, as it came. */
  readonly bare: string;
  readonly user: string;
  /** Whom the client wants to be; empty: the user. */
  readonly authorizationId: string;
  readonly nonce: string;
  readonly extensions: ReadonlyMap<string, string>;
}

/** RFC 5802's client-final-message. */
export interface ClientFinal {
  readonly header: string;
  readonly nonce: string;
  readonly withoutProof: string;
  readonly proof: Buffer;
}

const NAME = '(?:[^\\0=,]|=2C|=3D)+';
const EXTENSIONS = '(?:,[A-Za-z]=[^\\0,]+|,[A-Za-z]{2,}=[^\\0,]+)*';
const NONCE = '[\\x21-\\x2b\\x2d-\\x7e]+';
const BASE64 = '(?:[A-Za-z0-9/+]{4})*(?:[A-Za-z0-9/+]{3}=|[A-Za-z0-9/+]{2}==)?';

const FIRST = new RegExp(
  `^(?<header>[ny],(?:a=(?<authzid>${NAME}))?,)(?<bare>n=(?<name>${NAME}),r=(?<nonce>${NONCE})(?<extensions>${EXTENSIONS}))$`,
  'u',
);
const FINAL = new RegExp(
  `^(?<words>c=(?<header>${BASE64}),r=(?<nonce>${NONCE})${EXTENSIONS}),p=(?<proof>${BASE64})$`,
  'u',
);

/**
 * Channel binding is not offered, so `n` and `y` mean the same and `p` is refused, and so is a mandatory extension (`m=`), as RFC
 * 5802 has it; Kafka refuses `y` too. Names are not normalised, as in Kafka's ScramFormatter; they may have other letters than
 * ASCII's. Throws AuthenticationRefused.
 */
export function parseClientFirst(token: Buffer): ClientFirst {
  const groups = FIRST.exec(textOf(token))?.groups;
  if (groups === undefined) throw new AuthenticationRefused('its first words are none of SCRAM');
  const { header = '', bare = '', name = '', authzid = '', nonce = '', extensions = '' } = groups;
  return {
    header,
    bare,
    user: plainName(name),
    authorizationId: plainName(authzid),
    nonce,
    extensions: new Map(
      extensions
        .split(',')
        .slice(1)
        .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
    ),
  };
}

/** Throws AuthenticationRefused. */
export function parseClientFinal(token: Buffer): ClientFinal {
  const groups = FINAL.exec(textOf(token))?.groups;
  if (groups === undefined) throw new AuthenticationRefused('its final words are none of SCRAM');
  const { words = '', header = '', nonce = '', proof = '' } = groups;
  return {
    header: Buffer.from(header, 'base64').toString(),
    nonce,
    withoutProof: words,
    proof: Buffer.from(proof, 'base64'),
  };
}

/** `a=2Cb=3Dc` is `a,b=c`. */
function plainName(saslName: string): string {
  return saslName.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws AuthenticationRefused. */
export function textOf(token: Buffer): string {
  try {
    return utf8.decode(token);
  } catch {
    throw new AuthenticationRefused('it sends what is not UTF-8');
  }
}
