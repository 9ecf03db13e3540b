import type { OciError } from '../content/errors.js';
import type { HttpResponse } from '../http/response.js';
import type { Call, RegistryClient } from './client.js';
import type { Scope } from './token-request.js';

export type Access = 'pull' | 'push' | 'delete';

const actions: Readonly<Record<Access, string>> = {
  pull: 'pull',
  push: 'pull,push',
  delete: 'pull,push,delete',
};

/** One repository of a registry: its name in requests, scopes and messages. */
export class Repository {
  readonly client: RegistryClient;
  readonly path: string;
  readonly name: string;

  constructor(client: RegistryClient, path: string) {
    this.client = client;
    this.path = path;
    this.name = `${client.host}/${path}`;
  }

  scopes(access: Access): Scope[] {
    return [`repository:${this.path}:${actions[access]}`];
  }

  /** Sends a request below `/v2/<path>/`, or to an absolute URL that the registry gave. */
  request(
    access: Access,
    method: Call['method'],
    url: string | URL,
    more: Partial<Omit<Call, 'method' | 'url'>> = {},
  ): Promise<HttpResponse> {
    const target = typeof url === 'string' ? `${this.path}/${url}` : url;
    return this.client.request({ scopes: this.scopes(access), ...more, method, url: target });
  }

  /** The error for an answer that is not the one hoped for; `action` completes "the registry did not …". */
  refusal(access: Access, response: HttpResponse, action: string, what: string): Promise<OciError> {
    const where = what.includes(':') ? `${this.name}@${what}` : `${this.name}:${what}`;
    const repository = access === 'push' ? this.name : undefined;
    return this.client.refusal(
      response,
      action,
      what === '' ? this.name : where,
      this.scopes(access),
      repository,
    );
  }
}
