import { randomBytes } from 'node:crypto';
import { chmod, readFile, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, fileError, isNotFound, OciError } from '../content/errors.js';
import { FileLock } from '../disk/file-lock.js';
import { homeDirectory } from '../disk/home-directory.js';
import { makeDirectory } from '../disk/make-directory.js';

export interface Credential {
  username: string;
  password: string;
  /** An OAuth2 refresh token, which stands in for both. */
  identityToken?: string | undefined;
}

/**
 * Finds the credential for a registry host (`localhost:5000`, `docker.io`), and for a repository on it where there is one
 * of its own; undefined where there is none.
 */
export type CredentialSource = (host: string, repository?: string) => Promise<Credential | undefined>;

type Json = Record<string, unknown>;

/** Docker Hub's entry in a config.json. */
const hubKey = 'https://index.docker.io/v1/';

function keysOf(host: string): string[] {
  if (host === 'docker.io' || host === 'registry-1.docker.io' || host === 'index.docker.io') {
    return [hubKey, 'docker.io', 'index.docker.io', 'registry-1.docker.io'];
  }
  return [host, `https://${host}`, `http://${host}`];
}

/**
 * Docker's `config.json` (`$DOCKER_CONFIG` or `~/.docker`), with its `auths`, `credsStore` and
 * `credHelpers`: where every OCI tool keeps its credentials. What is not there is looked for where podman, skopeo and
 * buildah keep theirs; nothing is written there.
 */
export class DockerConfig {
  readonly file: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
    this.file = path.join(environment.DOCKER_CONFIG || path.join(homeDirectory(), '.docker'), 'config.json');
  }

  /** Throws BUNNY_EAUTH where a file or a helper is broken. */
  async get(host: string): Promise<Credential | undefined> {
    for (const file of this.#files()) {
      const config = await this.#read(file);
      const helper = helperFor(config, host);
      const found = helper === undefined ? undefined : await this.#helperGet(helper, host);
      if (found !== undefined) return found;
      const auths = object(config.auths);
      const credential = firstOf(auths, entriesFor(auths, host));
      if (credential !== undefined) return credential;
    }
    return undefined;
  }

  /**
   * The credential for one repository (`libos/warren/libc`), or for a namespace that it is in, the nearest first, where
   * there is one besides that of the host. Throws BUNNY_EAUTH where a file is broken.
   */
  async getFor(host: string, repository: string): Promise<Credential | undefined> {
    const parts = repository.split('/');
    const keys = parts.map((_, index) => `${host}/${parts.slice(0, parts.length - index).join('/')}`);
    for (const file of this.#files()) {
      const auths = object((await this.#read(file)).auths);
      const credential = firstOf(
        auths,
        keys.filter((key) => Object.hasOwn(auths, key)),
      );
      if (credential !== undefined) return credential;
    }
    return undefined;
  }

  /** Where logins are read, the first ones first (containers-auth.json(5)). */
  #files(): string[] {
    const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = this.#environment;
    if (REGISTRY_AUTH_FILE) return [this.file, path.resolve(REGISTRY_AUTH_FILE)];
    const runtime = XDG_RUNTIME_DIR || path.join('/run/containers', String(process.getuid?.() ?? 0));
    const directories = [
      XDG_RUNTIME_DIR ? path.join(runtime, 'containers') : runtime,
      path.join(XDG_CONFIG_HOME || path.join(homeDirectory(), '.config'), 'containers'),
    ];
    return [this.file, ...directories.map((directory) => path.join(directory, 'auth.json'))];
  }

  /** Keeps a credential: in the helper that the config names, else in the file, which only its owner may read. */
  async set(host: string, credential: Credential): Promise<void> {
    const config = await this.#read();
    const helper = helperFor(config, host);
    const key = keysOf(host)[0] ?? host;
    if (helper !== undefined) {
      const Username = credential.identityToken === undefined ? credential.username : '<token>';
      const Secret = credential.identityToken ?? credential.password;
      await this.#helper(helper, 'store', JSON.stringify({ ServerURL: key, Username, Secret }));
      return;
    }
    await this.#change((auths) => {
      auths[key] = entryOf(credential);
    });
  }

  /** Forgets the credential of a host; returns whether there was one. */
  async remove(host: string): Promise<boolean> {
    const config = await this.#read();
    const helper = helperFor(config, host);
    let removed = false;
    if (helper !== undefined && (await this.#helperGet(helper, host)) !== undefined) {
      await this.#helper(helper, 'erase', keysOf(host)[0] ?? host);
      removed = true;
    }
    if (entriesFor(object(config.auths), host).length > 0) {
      await this.#change((entries) => {
        for (const key of entriesFor(entries, host)) delete entries[key];
      });
      removed = true;
    }
    return removed;
  }

  async #read(file: string = this.file): Promise<Json> {
    try {
      const text = await readFile(file, 'utf8');
      // Docker takes an empty file for one without entries.
      return text.trim() === '' ? {} : object(JSON.parse(text));
    } catch (error) {
      if (isNotFound(error)) return {};
      if (!(error instanceof SyntaxError)) throw fileError(error, file);
      // The parser's own message may quote the text around the fault, and with it a password.
      throw new OciError('BUNNY_EAUTH', 'the file with credentials is not JSON', {
        where: file,
        hint: 'repair or remove it, then log in again',
      });
    }
  }

  async #change(edit: (auths: Json) => void): Promise<void> {
    const directory = path.dirname(this.file);
    try {
      makeDirectory(directory, 0o700);
      const change = async () => {
        const config = await this.#read();
        const auths = object(config.auths);
        edit(auths);
        await writePrivate(this.file, `${JSON.stringify({ ...config, auths }, null, '\t')}\n`);
      };
      await new FileLock(path.join(directory, '.bunny-lock'), 'config').hold(change, { leaveNothing: true });
    } catch (error) {
      throw fileError(error, this.file);
    }
  }

  async #helperGet(helper: string, host: string): Promise<Credential | undefined> {
    for (const key of keysOf(host)) {
      const output = await this.#helper(helper, 'get', key);
      if (output === undefined) continue;
      const { Username, Secret } = object(parseQuietly(output));
      if (typeof Username !== 'string' || typeof Secret !== 'string' || Secret === '') continue;
      if (Username === '<token>') return { username: '', password: '', identityToken: Secret };
      return { username: Username, password: Secret };
    }
    return undefined;
  }

  /** Runs `docker-credential-<name>`; undefined where it knows no credential. Its output never gets into a message. */
  async #helper(name: string, action: 'get' | 'store' | 'erase', input: string): Promise<string | undefined> {
    const program = `docker-credential-${name}`;
    const { execFile } = await import('node:child_process');
    return new Promise((resolve, reject) => {
      const child = execFile(
        program,
        [action],
        { env: this.#environment, timeout: 60_000 },
        (error, stdout) => {
          if (error === null) resolve(stdout);
          else if (/credentials not found/i.test(stdout)) resolve(undefined);
          else {
            const missing = codeOf(error) === 'ENOENT';
            reject(
              new OciError(
                'BUNNY_EAUTH',
                `the credential helper ${program} ${missing ? 'is not installed' : 'failed'}`,
                {
                  where: this.file,
                  hint: missing
                    ? 'install it, or remove it from credsStore and credHelpers'
                    : `try \`${program} list\``,
                },
              ),
            );
          }
        },
      );
      // A helper that is missing or does not read its input breaks the pipe; its exit status tells more.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function helperFor(config: Json, host: string): string | undefined {
  const helpers = object(config.credHelpers);
  const named = keysOf(host).find((key) => Object.hasOwn(helpers, key));
  const helper = named === undefined ? config.credsStore : helpers[named];
  // The name becomes part of a program's name.
  return typeof helper === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper) ? helper : undefined;
}

/** The keys among `auths` that stand for a host, best first. Older clients wrote URLs with a path (`https://host/v2/`). */
function entriesFor(auths: Json, host: string): string[] {
  const own = Object.keys(auths);
  return keysOf(host).flatMap((key) => [
    ...own.filter((each) => each === key),
    ...own.filter((each) => each === `${key}/` || (key.startsWith('http') && each.startsWith(`${key}/`))),
  ]);
}

/** The first usable credential among entries. */
function firstOf(auths: Json, keys: readonly string[]): Credential | undefined {
  for (const key of keys) {
    const credential = fromEntry(object(auths[key]));
    if (credential !== undefined) return credential;
  }
  return undefined;
}

function entryOf({ username, password, identityToken }: Credential): Json {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  if (identityToken === undefined) return { auth };
  // Docker takes an entry without a name for a broken one, unless it has no `auth`.
  return username === '' ? { identitytoken: identityToken } : { auth, identitytoken: identityToken };
}

function fromEntry(entry: Json): Credential | undefined {
  const { auth, username, password, identitytoken } = entry;
  const token =
    typeof identitytoken === 'string' && identitytoken !== '' ? { identityToken: identitytoken } : {};
  if (typeof auth === 'string' && auth !== '') {
    const pair = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = pair.indexOf(':');
    if (colon >= 0) return { username: pair.slice(0, colon), password: pair.slice(colon + 1), ...token };
  }
  if (typeof username === 'string' && typeof password === 'string' && username !== '')
    return { username, password, ...token };
  return 'identityToken' in token ? { username: '', password: '', ...token } : undefined;
}

/** Replaces a file as a whole; it and what it links to stay where they are. */
async function writePrivate(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const mode = (await stat(target).catch(() => undefined))?.mode ?? 0o600;
  const temporary = `${target}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await chmod(temporary, mode & 0o600);
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}
