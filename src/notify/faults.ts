/**
 * Words for what went wrong on the way to a receiver: a sentence or a code, and never the words of the error, which
 * hold the address. That may be the secret.
 */

const sentences: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EAI_AGAIN: "its name can't be resolved for the moment",
  ENOTFOUND: 'unknown host',
  EPIPE: 'connection closed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ETIMEDOUT: 'no connection: timed out',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an unknown authority',
  UND_ERR_SOCKET: 'connection closed before the answer',
}

/** @param code  of Node or undici, such as `ECONNREFUSED` */
export const sentenceOf = (code: string): string | undefined =>
  Object.hasOwn(sentences, code) ? sentences[code] : undefined

/** Why an http request failed. */
export function failure(error: unknown): string {
  const told = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const { code, name } = told as { code?: unknown; name?: unknown }
  // undici's parser leaves its code out for some of its errors
  if (name === 'HTTPParserError') return 'it does not speak HTTP'
  if (typeof code !== 'string') return 'the request failed'
  return sentenceOf(code) ?? `the request failed (${code})`
}
