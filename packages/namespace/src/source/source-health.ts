import { OciError } from 'bunny-libos-oci';

/**
 * What one run has learned of the base references it reads from: a base that could not be reached is not
 * asked again while another may have the same, and the user is told of each base once.
 */
export class SourceHealth {
  readonly #unreachable = new Map<string, OciError>();
  readonly #told = new Set<string>();
  readonly #warn: (text: string) => void;

  constructor(warn: (text: string) => void = () => undefined) {
    this.#warn = warn;
  }

  /** Throws the failure that showed the base to be out of reach, where there was one. */
  requireReachable(base: string): void {
    const fault = this.#unreachable.get(base);
    if (fault !== undefined) throw fault;
  }

  /** Notes that a base failed and that `next` is asked in its place. */
  passedOver(base: string, error: OciError, next: string): void {
    if (isUnreachable(error)) this.#unreachable.set(base, error);
    if (this.#told.has(base)) return;
    this.#told.add(base);
    this.#warn(`${base} failed: ${error.message}; continuing with ${next}`);
  }
}

/** A failure of the network or the registry's host, not of what was asked. */
export function isUnreachable(error: unknown): error is OciError {
  return error instanceof OciError && (error.code === 'BUNNY_ENETWORK' || error.code === 'BUNNY_ETIMEOUT');
}

/** A failure that another source of the same content may heal. */
export function isFaultOfSource(error: unknown): error is OciError {
  return error instanceof OciError && error.code !== 'BUNNY_EABORTED' && error.code !== 'BUNNY_ENOSPACE';
}
