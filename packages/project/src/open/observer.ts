import type { InferredRequirement } from 'bunny-libos-builder';
import type { TransferObserver } from 'bunny-libos-namespace';

/** Who is told how work on a project goes. */
export interface ProjectObserver {
  /** What is going on now. */
  onProgress?: ((text: string) => void) | undefined;
  /** Something that somebody may wonder about. */
  onNote?: ((text: string) => void) | undefined;
  /** Something that may not be as it was meant, told once. */
  onWarning?: ((text: string) => void) | undefined;
  /** What an app turned out to depend on, as soon as its Bunnyfile says so. */
  onInferred?: ((requirements: readonly InferredRequirement[]) => void) | undefined;
  /** Sees what is fetched from registries. */
  transfers?: TransferObserver | undefined;
}
