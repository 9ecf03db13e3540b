/** Milliseconds. */
export interface Timeouts {
  connect: number;
  /** From the last byte of the request to the headers of the response. */
  headers: number;
  /** Between two pieces of a body, either way. */
  idle: number;
}

export const defaultTimeouts: Timeouts = { connect: 15_000, headers: 60_000, idle: 60_000 };
