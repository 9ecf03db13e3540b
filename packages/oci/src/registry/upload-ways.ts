/** What was learned of how a registry takes blobs. */
export interface UploadKnowledge {
  /** Whether a PUT may bring all of a blob. */
  whole: boolean;
  /** No request may bring as much. Bytes. */
  body: number;
  /** No chunk may be as long; 0 where there may be none. Bytes. */
  chunk: number;
}

/** Before anything is known. */
export const anyWay: UploadKnowledge = {
  whole: true,
  body: Number.POSITIVE_INFINITY,
  chunk: Number.POSITIVE_INFINITY,
};

/** As one PUT, or in chunks of this many bytes. */
export type UploadWay = 'whole' | { chunk: number };

/** Where large chunks are refused: what GHCR takes at most, and what passes nginx as it comes. Bytes. */
const smallerChunks = [4 * 1024 * 1024, 512 * 1024];

/** Ways that are tried for one blob. */
export const maximumWays = 6;

/**
 * How a blob of `size` bytes is to be pushed: one that is no longer than a chunk as a whole, others in chunks, which
 * can be resumed; where these are refused, as a whole or in smaller ones. Undefined where all is refused.
 */
export function chooseWay(size: number, chunkSize: number, known: UploadKnowledge): UploadWay | undefined {
  const chunks = [chunkSize, ...smallerChunks.filter((each) => each < chunkSize)].filter(
    // What is sent is no longer than the blob.
    (each) => Math.min(each, size) < Math.min(known.body, known.chunk),
  );
  const whole = known.whole && size < known.body;
  if (whole && (size <= chunkSize || chunks[0] !== chunkSize)) return 'whole';
  const [chunk] = chunks;
  return chunk === undefined ? undefined : { chunk };
}

/** Whether a refusal may be of the way in which the blob was sent, so that another one is worth a try. */
export function isOfTheWay(status: number): boolean {
  return status === 501 || (status >= 400 && status < 500 && ![401, 404, 408, 425, 429].includes(status));
}
