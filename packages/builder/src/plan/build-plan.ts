import type { LockedTarget, LockedTooling, Scalar, Settings } from 'bunny-libos-spec';
import type { Edge, TargetRules } from 'bunny-libos-tooling';
import type { AppSource } from './app-sources.js';
import type { ClosureMember } from './closure-layers.js';

/** What a step of a build is for. */
export type StepKind = 'compile' | 'generate' | 'link' | 'post-link';

export interface Step extends Edge {
  kind: StepKind;
}

/** An object on its way into the link. */
export interface LinkedObject {
  /** Path inside the sandbox. */
  path: string;
  /** The component that it comes from, or what else made it. */
  owner: { component: string } | { app: string } | { generator: string };
}

/** Everything that a plan depends on. */
export interface PlanInputs {
  /** The image. */
  name: string;
  target: LockedTarget;
  rules: TargetRules;
  sources: readonly AppSource[];
  app: {
    include: readonly string[];
    defines: Readonly<Record<string, Scalar>>;
    flags: readonly string[];
  };
  /** Sorted by name. */
  closure: readonly ClosureMember[];
}

/** A layer that a plan uses. */
export interface PlannedLayer {
  name: string;
  version: string;
  layerHash: string;
  /** Of the layer. */
  digest: string;
}

/** How an image is made: every command, and the files that they start from. Complete and printable. */
export interface BuildPlan {
  name: string;
  arch: string;
  platform: string;
  settings: Settings;
  tooling: Pick<LockedTooling, 'version' | 'layerHash'>;
  layers: readonly PlannedLayer[];
  steps: readonly Step[];
  /** Objects in the order in which they are linked. */
  objects: readonly LinkedObject[];
  /** Files that are written before the first step, where steps can read them: name -> text. */
  files: Readonly<Record<string, string>>;
  /** Path of the finished image inside the sandbox. */
  image: string;
  /** Path of the link map inside the sandbox, if the linker writes one. */
  map: string;
  /** Where the linked file is a program in the root file system: its path inside the sandbox, and in the root. */
  app?: { path: string; rootfs: string } | undefined;
  /** Files beside the image by name, with their paths inside the sandbox; missing where there are none. */
  outputs?: Readonly<Record<string, string>> | undefined;
  /** Index of the first step that reads the root file system, where one does. */
  afterRootfs?: number | undefined;
}
