/** A record of TLS's handshake, of whatever version; a frame of Kafka's that begins so would be longer than any may be. */
export function isTlsHello(chunk: Buffer): boolean {
  return chunk[0] === 0x16 && chunk[1] === 0x03;
}
