import type { HeldFile } from 'bunny-libos-oci';
import type { LockedTarget } from 'bunny-libos-spec';
import type { SizeReport } from '../image/size-report.js';
import type { FileDigest } from '../outputs/file-digest.js';
import type { Outputs } from '../outputs/paths.js';
import type { StagedFiles } from '../outputs/staged-files.js';
import type { BuildPlan } from '../plan/build-plan.js';
import type { PackedRootfs } from '../rootfs/packed.js';

/** What a build has made, before it is given a form: all that artifacts and reports are written from. */
export interface Made {
  /** The bootable image, held open. */
  image: HeldFile;
  rootfs: PackedRootfs | undefined;
  /** Undefined for a prebuilt kernel, of which nothing else is known. */
  linked: LinkedImage | undefined;
}

/** How an image came about that was linked here. */
export interface LinkedImage {
  plan: BuildPlan;
  target: LockedTarget;
  /** The app's sources and headers, by path from the Bunnyfile, sorted. */
  inputs: readonly FileDigest[];
  sizes: SizeReport;
}

/** Writes files from what a build has made. */
export interface Writer {
  /** All that it may write. What it does not write is removed, where an earlier build has left it. */
  outputs: Outputs;
  /** Writes its outputs, which get their names with those of the other writers, when all are whole. */
  write(files: StagedFiles, made: Made): Promise<void>;
}

/** A form in which somebody takes an image away. */
export interface ArtifactType extends Writer {
  /** As `--type` names it. */
  type: string;
}
