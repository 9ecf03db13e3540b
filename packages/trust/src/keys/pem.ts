/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** `PUBLIC KEY` */
  label: string;
  /** Whole, with its first and last line. */
  text: string;
  /** The decoded content; of no use where the block has headers of its own, as OpenSSL's older encrypted keys have. */
  content: Uint8Array;
}

/** The blocks of a PEM text, in order. Anything between them is a comment. */
export function pemBlocks(text: string): PemBlock[] {
  const block = /-----BEGIN ([A-Z0-9 ]{1,64})-----([^-]*(?:-(?!----)[^-]*)*)-----END \1-----/g;
  return [...text.matchAll(block)].map(([whole, label = '', body = '']) => ({
    label,
    text: `${whole}\n`,
    content: Buffer.from(body, 'base64'),
  }));
}

/** A block, in lines of 64 characters. */
export function pemText(label: string, content: Uint8Array): string {
  const lines = Buffer.from(content)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
