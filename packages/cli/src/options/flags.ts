import { choice, required, toggle, value } from './flag.js';
import { each, eachFilled, eachSbom, filled, list, positive, withoutPlatform } from './values.js';

/** Flags that several commands share. */

/** Of commands that talk to registries. */
export const networkFlags = {
  plainHttp: toggle('use HTTP instead of HTTPS, also for registries that are not on this machine', {
    negated: 'use HTTPS even for registries on this machine',
  }),
  insecure: value('HOST', 'accept any certificate of this host[:port]; may be repeated', eachFilled),
  caFile: value('FILE', 'trust the authorities in this PEM file too; may be repeated', eachFilled),
};

/** `--file`: a path, of a file or of the directory that holds it. */
export const bunnyfile = value('FILE', 'the Bunnyfile (default: ./Bunnyfile)', filled, { short: 'f' });

/** `--from`: references in the order in which they are asked. */
export const from = value('REF', 'where to read layers from; may be repeated, and is tried in order', each);

/** `--framework` for any number of those that a Bunnyfile names. */
export const frameworks = value('F,..', 'of several frameworks, only these', list, {
  complete: 'frameworks',
});

/** `--framework`, `--arch` and `--platform` for any number of targets. */
export const targetsFlags = {
  framework: frameworks,
  arch: value(
    'A,..',
    'architectures, as OCI names them: amd64, arm64, riscv64',
    (word, before: string[] | undefined) => list(withoutPlatform(word), before),
    { complete: 'architectures' },
  ),
  platform: value('P,..', 'what images boot on: qemu, linuxu, ...', list, { complete: 'platforms' }),
};

/** `--framework`, `--arch` and `--platform` for one target. */
export const targetFlags = {
  framework: value('F', 'of several frameworks, this one', filled, { complete: 'frameworks' }),
  arch: value(
    'A',
    'architecture, as OCI names it: amd64, arm64, riscv64',
    (word) => filled(withoutPlatform(word)),
    { complete: 'architectures' },
  ),
  platform: value('P', 'what the image boots on: qemu, linuxu, ...', filled, { complete: 'platforms' }),
};

/** `--password-stdin` of commands that open a private key. */
export const passwordStdin = toggle('read the passphrase of the key from standard input');

/** `--trusted-root` of commands that look at certificates. */
export const trustedRoot = value(
  'FILE',
  'whose certificates, logs and timestamps count: trusted_root.json (default: BUNNY_TRUSTED_ROOT)',
  filled,
);

/** Of commands that sign with a certificate instead of a key. */
export const keylessFlags = {
  keyless: toggle('sign with a certificate for who you are, instead of a key'),
  identityToken: value(
    'TOKEN',
    'who you are: an OIDC token, a file with it, or env://NAME (default: SIGSTORE_ID_TOKEN, or the CI job)',
    filled,
  ),
  oidcIssuer: value(
    'URL',
    'without a token: where to sign in, with a browser; with one: where it has to be from',
    filled,
  ),
  fulcioUrl: value('URL', 'what gives certificates (default: that of the trusted root)', filled),
  rekorUrl: value(
    'URL',
    'the log that signatures are written to (default: that of the trusted root)',
    filled,
  ),
  timestampUrl: value('URL', 'what attests the time (default: that of the trusted root)', filled),
  trustedRoot,
};

export const frozen = toggle('fail if bunny.lock would change');

/** `--limit`: what commands in the sandbox may use up. */
export const limit = value(
  'NAME=VALUE',
  'limits of compilers: memory=4GB, processes=2000, file-size, disk, tmp, time=10m, or =none',
  eachFilled,
);

export const offline = toggle('use only what the store has');

/** `--sbom`: bills of materials. */
export const sbom = value(
  'FORMAT',
  'write a bill of materials: spdx (SPDX 2.3), cyclonedx (CycloneDX 1.6); may be repeated',
  eachSbom,
);

/** `--sbom` of what publishes layers. */
export const attachedSbom = value(
  'FORMAT',
  'attach a bill of materials to each layer: spdx (SPDX 2.3), cyclonedx (CycloneDX 1.6); may be repeated',
  eachSbom,
);

/** `--verbose`: what a build runs. */
export const verbose = toggle('print every command that is run, and its output', { short: 'v' });

/** `--jobs`: compilers at a time. */
export const jobs = value('N', 'compilers at a time (default: one per processor)', positive);

/** What commands about a project have. */
export const projectFlags = { ...networkFlags, file: bunnyfile, from };

/** What commands that show a closure have. */
export const closureFlags = { ...projectFlags, ...targetsFlags, frozen, offline };

/** What commands that change dependencies have. */
export const changingFlags = {
  ...projectFlags,
  offline,
  dryRun: toggle('show what would change, and change nothing'),
};

export const allowDowngrade = toggle(
  'let components that the Bunnyfile asks for become older, so that another one becomes newer',
);

export const strategy = choice('NAME', 'which versions to prefer', ['highest', 'lowest']);

/** All that a lock may be made by: commands have what makes sense for them. */
export const lockFlags = { ...closureFlags, ...changingFlags, allowDowngrade, strategy };

/** What commands have that take a library OS as its own build leaves it. */
export const importFlags = {
  out: required(value('DIR', 'the directory to write, new or empty', filled)),
  root: value(
    'REF',
    'an OCI image with compiler, linker, sh and ninja (default: a program that makes one of Debian packages)',
    filled,
  ),
};
