import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The front door of a registry with a token server, for logins: distribution's "OAuth2 Token Authentication". */
export interface TokenRegistry {
  /** `127.0.0.1:port` */
  host: string;
  /** What its token server gives for the login, and takes in place of it. */
  identityToken: string;
  stop(): Promise<void>;
}

export async function startTokenRegistry(login: {
  username: string;
  password: string;
}): Promise<TokenRegistry> {
  const identityToken = 'identity.of.a-maintainer';
  const bearer = 'let-me-in';

  const tokens = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const isLogin = form.username === login.username && form.password === login.password;
    const taken = form.grant_type === 'password' ? isLogin : form.refresh_token === identityToken;
    if (!taken) response.writeHead(401).end();
    else if (form.access_type !== 'offline') response.end(JSON.stringify({ access_token: bearer }));
    else response.end(JSON.stringify({ access_token: bearer, refresh_token: identityToken }));
  };

  const server = createServer((request, response) => {
    if (request.url?.startsWith('/token')) return void tokens(request, response);
    if (request.headers.authorization === `Bearer ${bearer}`) return void response.end('{}');
    const realm = `http://${request.headers.host}/token`;
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="tests"` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    identityToken,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
