import type { Bases, BoundComponent, FoundVariant } from 'bunny-libos-namespace';
import { joinReference, Pool } from 'bunny-libos-oci';
import {
  BunnyError,
  exitStatus,
  type Lock,
  type LockedTarget,
  type LockedTooling,
  type Settings,
  toolingRepository,
} from 'bunny-libos-spec';
import { canonicalRepository, type Gate, lockedSubjects } from 'bunny-libos-trust';

export interface AdmissionPlace {
  gate: Gate;
  bases: Bases;
  framework: string;
  offline?: boolean | undefined;
}

/** A variant that the policies refuse. */
export interface Refusal {
  name: string;
  version: string;
  /** BUNNY_EPOLICY, at the line that refuses it. */
  error: BunnyError;
}

/** Variants that are judged at the same time. */
const concurrency = 8;

/** Which variants may be chosen at all, as the policies have it: what they refuse is no candidate. */
export class Admission {
  readonly #place: AdmissionPlace;
  readonly #pool = new Pool(concurrency);
  /** By layer hash. */
  readonly #refusals = new Map<string, Refusal>();

  constructor(place: AdmissionPlace) {
    this.#place = place;
  }

  /**
   * Those of the variants of one version that may be used, in their order. Variants for other settings cannot be chosen, and
   * are not judged. Throws what the registries throw.
   */
  async admitted(
    { repository }: Pick<BoundComponent, 'repository'>,
    variants: readonly FoundVariant[],
    settings: Settings,
  ): Promise<FoundVariant[]> {
    const [first] = variants;
    if (first === undefined) return [];
    const { name, version } = first.identity;
    const statements = [...(await repository.statements(version)).values()];
    await this.#compare(first.from, name, repository.tags, statements);
    const judged = await Promise.all(
      variants.map((variant) =>
        this.#pool.run(async () => !isFor(variant, settings) || this.#admits(variant, statements)),
      ),
    );
    return variants.filter((_, index) => judged[index]);
  }

  /** Those of the variants that a lock pins that may stay. */
  async admittedPins(pins: ReadonlyMap<string, FoundVariant>): Promise<Map<string, FoundVariant>> {
    const judged = await Promise.all(
      [...pins].map(([, variant]) => this.#pool.run(() => this.#admits(variant, undefined))),
    );
    return new Map([...pins].filter((_, index) => judged[index]));
  }

  /** Compares the versions of tooling layers that a base lists with what it listed before. Throws BUNNY_EROLLBACK. */
  compareToolings(from: string, tags: readonly string[]): Promise<void> {
    return this.#compare(from, toolingRepository, tags, []);
  }

  /** Undefined where a tooling layer may be used, else why not: BUNNY_EPOLICY. */
  tooling({ version, layerHash, digest, size, from }: LockedTooling): Promise<BunnyError | undefined> {
    const { gate, framework } = this.#place;
    const repository = canonicalRepository(joinReference(from, `${framework}/${toolingRepository}`));
    return gate.judge({
      label: `${toolingRepository} ${version}`,
      subject: { repository, digest, layerHash },
      size,
      sources: () => this.#sources(from, toolingRepository),
    });
  }

  /** What was refused of a component so far. */
  refusals(name: string): Refusal[] {
    return [...this.#refusals.values()].filter((refusal) => refusal.name === name);
  }

  /** That of a variant, by its layer hash. */
  refusalOf(layerHash: string): Refusal | undefined {
    return this.#refusals.get(layerHash);
  }

  async #admits(variant: FoundVariant, statements: Iterable<string> | undefined): Promise<boolean> {
    const { gate, framework } = this.#place;
    const { identity, layerHash, manifest, from } = variant;
    const { name, version } = identity;
    const error = await gate.judge({
      label: `${name} ${version}`,
      subject: {
        repository: canonicalRepository(joinReference(from, `${framework}/${name}`)),
        digest: manifest.digest,
        layerHash,
      },
      size: manifest.size,
      version,
      statements,
      sources: () => this.#sources(from, name),
    });
    if (error !== undefined) this.#refusals.set(layerHash, { name, version, error });
    return error === undefined;
  }

  async #compare(
    from: string,
    name: string,
    tags: readonly string[],
    statements: readonly string[],
  ): Promise<void> {
    const { gate, framework, offline } = this.#place;
    if (offline) return;
    const repository = canonicalRepository(joinReference(from, `${framework}/${name}`));
    await gate.compare({ repository, tags }, statements);
  }

  #sources(from: string, name: string) {
    const { bases, framework, offline } = this.#place;
    return offline ? [] : bases.sources(from, framework, name);
  }
}

function isFor({ identity }: FoundVariant, settings: Settings): boolean {
  return Object.entries(identity.settings).every(([name, value]) => settings[name] === value);
}

/** Throws BUNNY_EPOLICY, with all that is refused, where the policies do not allow what these targets of a lock pin. */
export async function requireAdmitted(
  { gate, bases, framework, offline }: AdmissionPlace,
  lock: Lock,
  targets: readonly LockedTarget[],
): Promise<void> {
  const pool = new Pool(concurrency);
  const judged = await Promise.all(
    lockedSubjects({ ...lock, targets }).map(({ name, version, from, size, ...subject }) =>
      pool.run(() =>
        gate.judge({
          label: `${name} ${version}`,
          subject,
          size,
          version: name === toolingRepository ? undefined : version,
          sources: () => (offline ? [] : bases.sources(from, framework, name)),
        }),
      ),
    ),
  );
  const errors = judged.filter((error) => error !== undefined);
  if (errors.length > 0) throw refusedTogether(errors);
}

/** One error for all that is refused: it says of each which line of which policy refuses it. */
export function refusedTogether(errors: readonly BunnyError[]): BunnyError {
  const [first, ...others] = errors;
  if (first === undefined) throw new Error('nothing is refused');
  if (others.length === 0) return first;
  return new BunnyError('BUNNY_EPOLICY', `${errors.length} layers are refused by policy`, {
    where: first.where,
    details: errors.flatMap(({ message, details }) => [message, ...details.map((line) => `  ${line}`)]),
    hint: first.hint,
    exitStatus: exitStatus.trust,
  });
}
