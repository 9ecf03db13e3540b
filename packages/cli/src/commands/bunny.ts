import type { Program } from '../options/command.js';
import { add } from './add/command.js';
import { attest } from './attest/command.js';
import { audit } from './audit/command.js';
import { build } from './build/command.js';
import { cacheDir } from './cache-dir/command.js';
import { cacheLs } from './cache-ls/command.js';
import { cachePrune } from './cache-prune/command.js';
import { cacheVerify } from './cache-verify/command.js';
import { catalogRebuild } from './catalog-rebuild/command.js';
import { check } from './check/command.js';
import { checkAbi } from './check-abi/command.js';
import { clean } from './clean/command.js';
import { completion } from './completion/command.js';
import { completionValues } from './completion-values/command.js';
import { deprecate } from './deprecate/command.js';
import { doctor } from './doctor/command.js';
import { explain } from './explain/command.js';
import { fetch } from './fetch/command.js';
import { graph } from './graph/command.js';
import { importSolo5 } from './import-solo5/command.js';
import { importUnikraft } from './import-unikraft/command.js';
import { indexRebuild } from './index-rebuild/command.js';
import { init } from './init/command.js';
import { inspect } from './inspect/command.js';
import { keygen } from './keygen/command.js';
import { licenses } from './licenses/command.js';
import { login } from './login/command.js';
import { logout } from './logout/command.js';
import { mirror } from './mirror/command.js';
import { outdated } from './outdated/command.js';
import { publish } from './publish/command.js';
import { pull } from './pull/command.js';
import { push } from './push/command.js';
import { rebuild } from './rebuild/command.js';
import { remove } from './remove/command.js';
import { resolve } from './resolve/command.js';
import { run } from './run/command.js';
import { sbom } from './sbom/command.js';
import { search } from './search/command.js';
import { sign } from './sign/command.js';
import { tree } from './tree/command.js';
import { trust } from './trust/command.js';
import { update } from './update/command.js';
import { verify } from './verify/command.js';
import { why } from './why/command.js';
import { yank } from './yank/command.js';

/** The command line of Bunny, with its commands in the order of `bunny --help`. */
export const bunny: Program = {
  name: 'bunny',
  about: 'Build unikernels from prebuilt layers: a package manager for library operating systems.',
  notes: 'A REF is host[:port]/path on a registry, or oci:DIR (or oci:DIR:path) for an image layout on disk.',
  environment: [
    ['BUNNY_REGISTRY', 'references to read from, if neither --from nor the Bunnyfile names any'],
    ['BUNNY_CACHE', 'the store of layers (default: $XDG_CACHE_HOME/bunny or ~/.cache/bunny)'],
    ['BUNNY_SANDBOX', 'the sandbox for compilers: bwrap (default) or podman'],
    ['BUNNY_SANDBOX_UID', 'the user that they run as if Bunny runs as root (default: 65521)'],
    ['BUNNY_LIMIT', 'their limits, in the form of --limit, separated by commas'],
    [
      'COSIGN_PASSWORD',
      'the passphrase of a private key, as for cosign; if unset, it is asked for on a terminal',
    ],
    ['DOCKER_CONFIG', 'the directory of config.json, where logins are kept (default: ~/.docker)'],
    ['REGISTRY_AUTH_FILE', 'a file of logins that podman and skopeo keep'],
    ['BUNNY_TRUSTED_ROOT', 'trusted_root.json, for signatures without a key, like --trusted-root'],
    [
      'SIGSTORE_ID_TOKEN',
      'who signs without a key; else ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN of GitHub Actions',
    ],
    ['XDG_CONFIG_HOME', 'where bunny/policy.yaml is, the policy of a user (default: ~/.config)'],
    ['SOURCE_DATE_EPOCH', 'the date of bills of materials, in seconds since 1970 (default: 0)'],
    ['NO_COLOR, FORCE_COLOR', 'no colours; with 1, colours also where output is no terminal'],
    ['HTTPS_PROXY, HTTP_PROXY, NO_PROXY', 'proxies, by the rules that curl and Go share'],
    ['SSL_CERT_FILE, NODE_EXTRA_CA_CERTS', 'a PEM file of further authorities to trust, like --ca-file'],
  ],
  statuses: [
    [0, 'done'],
    [1, 'cannot be satisfied'],
    [2, 'bad usage or document'],
    [3, 'registry or network'],
    [4, 'trust'],
    [5, 'build failed'],
    [70, 'a bug in Bunny'],
    [74, 'a file system refused'],
    [130, 'ended by Ctrl-C'],
    [143, 'ended by SIGTERM'],
  ],
  commands: [
    publish,
    {
      name: 'import',
      about: 'import a library OS from its own build, as directories to publish',
      commands: [importSolo5, importUnikraft],
    },
    resolve,
    fetch,
    build,
    check,
    run,
    clean,
    push,
    pull,
    add,
    remove,
    update,
    outdated,
    tree,
    why,
    graph,
    sbom,
    licenses,
    audit,
    inspect,
    init,
    mirror,
    yank,
    deprecate,
    login,
    logout,
    keygen,
    sign,
    verify,
    attest,
    rebuild,
    trust,
    search,
    checkAbi,
    {
      name: 'catalog',
      about: 'the derived index of what a framework has',
      commands: [catalogRebuild],
    },
    { name: 'index', about: 'derived indexes on a registry', commands: [indexRebuild] },
    {
      name: 'cache',
      about: 'the store of layers on this machine',
      commands: [cacheDir, cacheLs, cacheVerify, cachePrune],
    },
    doctor,
    explain,
    completion,
    completionValues,
  ],
};
