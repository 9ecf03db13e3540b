import { OciError } from '../content/errors.js';
import { OnceMap } from '../content/once-map.js';
import { formatReference, isLoopback, parseReference, type Reference } from '../content/reference.js';
import type { Target } from '../content/target.js';
import { Layout } from '../disk/layout.js';
import { HttpClient } from '../http/client.js';
import { type ConnectionOptions, Connections } from '../http/connections.js';
import { checkLogin } from './check-login.js';
import { RegistryClient, type RegistryClientOptions } from './client.js';
import { type Credential, type CredentialSource, DockerConfig } from './credentials.js';
import { repositoriesUnder } from './repositories.js';
import { RegistryTarget } from './target.js';

export interface NetworkOptions extends ConnectionOptions, Omit<RegistryClientOptions, 'credentials'> {
  /** Talk without TLS. Loopback hosts are talked to without TLS unless this is false. */
  plainHttp?: boolean | undefined;
  /** Hosts (with their port) that are talked to with TLS and whose certificate is not checked. */
  insecureHosts?: readonly string[] | undefined;
  /** Where credentials come from; Docker's config.json unless said. */
  credentials?: CredentialSource | undefined;
}

/**
 * How hosts are talked to by one program or command: its options, its connections, and for each registry the tokens and
 * what was learned about it. All targets that it gives share these. No request is made before something is asked of a
 * target; a signal among the options ends each.
 */
export class Network {
  readonly #options: NetworkOptions;
  readonly #insecureHosts: ReadonlySet<string>;
  readonly #registries = new Map<string, RegistryClient>();
  readonly #hosts = new Map<string, HttpClient>();
  /** By host. One that leads to another makes connections of its own, so that these are judged by where it leads from. */
  readonly #connections = new Map<string, Connections>();
  #credentials: CredentialSource | undefined;

  constructor(options: NetworkOptions = {}) {
    this.#options = options;
    this.#insecureHosts = new Set(options.insecureHosts?.map((host) => host.toLowerCase()));
  }

  /**
   * Opens one repository, on a registry or in an image layout; a tag or digest in the reference is left
   * to the caller. Throws BUNNY_EREFERENCE, and where a file of authorities cannot be read BUNNY_ENOFILE, BUNNY_EIO or
   * BUNNY_EACCESS.
   */
  open(reference: string | Reference): Target {
    const parsed = typeof reference === 'string' ? parseReference(reference) : reference;
    if (parsed.kind === 'layout') return new Layout(parsed.directory, parsed.path, this.#options.onNotice);
    if (parsed.path === '') {
      throw new OciError(
        'BUNNY_EREFERENCE',
        `${formatReference(parsed)} names a registry but no repository`,
        {
          where: formatReference(parsed),
          hint: 'write host[:port]/path',
          exitStatus: 2,
        },
      );
    }
    return new RegistryTarget(this.#registry(parsed.host), parsed.path);
  }

  /**
   * The repositories below a namespace, by path from there, sorted. Undefined where the registry does not tell:
   * listing them (`/v2/_catalog`) is no part of the distribution specification, and many registries allow it to
   * nobody or only to their operators. A layout always tells. Throws BUNNY_EREFERENCE and as reading does.
   */
  async repositories(namespace: string | Reference): Promise<string[] | undefined> {
    const reference = typeof namespace === 'string' ? parseReference(namespace) : namespace;
    return await repositoriesUnder(reference, (host) => this.#registry(host));
  }

  /**
   * Asks a registry whether it takes a credential: one request to `/v2/` (distribution-spec 1.1,
   * "Determining Support"), which a registry without logins answers as well. Where the registry has a token
   * server, that one judges. Returns what is to be kept: an identity token instead of the password where the
   * token server gives one. Throws BUNNY_EAUTH where the credential is not taken, BUNNY_EREGISTRY where
   * there is no registry, BUNNY_ENETWORK.
   */
  async checkLogin(host: string, credential: Credential): Promise<Credential> {
    const credentials = async (): Promise<Credential> => credential;
    return await checkLogin(this.#newRegistry(host, { credentials, offlineAccess: true }), credential);
  }

  /** The client for a host that need be no registry, by its origin (`https://example.org`). It sends no credentials. */
  host(origin: URL): HttpClient {
    const known = this.#hosts.get(origin.origin);
    if (known !== undefined) return known;
    const client = new HttpClient(
      new URL(origin.origin),
      origin.host,
      this.#connectionsOf(origin.host),
      this.#options,
    );
    this.#hosts.set(origin.origin, client);
    return client;
  }

  #registry(host: string): RegistryClient {
    const client = this.#registries.get(host) ?? this.#newRegistry(host);
    this.#registries.set(host, client);
    return client;
  }

  #newRegistry(host: string, own: Partial<RegistryClientOptions> = {}): RegistryClient {
    const plain = !this.#isInsecure(host) && (this.#options.plainHttp ?? isLoopback(host));
    this.#credentials ??= this.#options.credentials ?? dockerCredentials(this.#options.environment);
    return new RegistryClient(host, plain, this.#connectionsOf(host), {
      ...this.#options,
      credentials: this.#credentials,
      ...own,
    });
  }

  #connectionsOf(host: string): Connections {
    const insecure = this.#options.insecure || this.#isInsecure(host);
    const known = this.#connections.get(host) ?? new Connections({ ...this.#options, insecure });
    this.#connections.set(host, known);
    return known;
  }

  #isInsecure(host: string): boolean {
    return this.#insecureHosts.has(host.toLowerCase());
  }
}

function dockerCredentials(environment: NodeJS.ProcessEnv | undefined): CredentialSource {
  const config = new DockerConfig(environment);
  // A helper is a program: it is not run for each repository.
  const ofHosts = new OnceMap<string, Credential | undefined>();
  return async (host, repository) => {
    const own = repository === undefined ? undefined : await config.getFor(host, repository);
    if (own !== undefined) return own;
    return await ofHosts.get(host, () => config.get(host));
  };
}
