import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { openTarget } from '../src/registry/open-target.js';

const run = promisify(execFile);

describe('localhost', () => {
  const registry = new SpecRegistry();
  before(async () => {
    await registry.start();
    await pushArtifact(openTarget(`${registry.host}/a`), { tag: 'v1' });
  });
  after(() => registry.stop());

  /** Lists the tags in a process that has no /etc/hosts and no resolver. */
  async function tagsAt(host: string, environment: Record<string, string> = {}): Promise<unknown> {
    const module = new URL('../src/index.js', import.meta.url).href;
    const options = `{ credentials: async () => undefined, retry: { attempts: 1 }, plainHttp: true, environment: ${JSON.stringify(environment)} }`;
    const script = `const { openTarget } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify(await openTarget('${host}/a', ${options}).tags().catch((error) => error.code)));`;
    const files = ['/etc/hosts', '/etc/resolv.conf', '/etc/nsswitch.conf'];
    const { stdout } = await run('bwrap', [
      ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
      ...files.flatMap((file) => ['--ro-bind-try', '/dev/null', file]),
      ...[process.execPath, '--input-type=module', '-e', script],
    ]);
    return JSON.parse(stdout);
  }

  it('is this machine without /etc/hosts, also by way of a name below it or a proxy there', async function () {
    this.timeout(20_000);
    const port = registry.host.split(':')[1];
    assert.deepEqual(await tagsAt(`localhost:${port}`), ['v1']);
    assert.deepEqual(await tagsAt(`registry.localhost:${port}`), ['v1']);
    const proxy = { HTTP_PROXY: `http://localhost:${port}`, http_proxy: `http://localhost:${port}` };
    // The registry is asked as a proxy, and knows the path all the same.
    assert.deepEqual(await tagsAt('registry.invalid', proxy), ['v1']);
    assert.equal(await tagsAt('registry.invalid'), 'BUNNY_ENETWORK');
  });
});
