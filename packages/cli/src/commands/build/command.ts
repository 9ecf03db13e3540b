import { command, type Run } from '../../options/command.js';
import { toggle, value } from '../../options/flag.js';
import {
  frozen,
  jobs,
  limit,
  offline,
  projectFlags,
  sbom,
  targetFlags,
  verbose,
} from '../../options/flags.js';
import { eachFilled, filled } from '../../options/values.js';

const flags = {
  ...projectFlags,
  ...targetFlags,
  all: toggle('build for every target, several at a time', { excludes: 'output' }),
  type: value('TYPE', 'artifact type: elf (the bootable image itself), oci; may be repeated', eachFilled),
  tag: value(
    'REF',
    'name the OCI image: host/path:tag, oci:DIR:tag, docker-archive:FILE; may be repeated',
    eachFilled,
    {
      short: 't',
    },
  ),
  sbom,
  provenance: toggle('write how the image was made (SLSA provenance), for OCI images attached to them'),
  push: toggle('push the OCI image to the registries that --tag names', { excludes: 'offline' }),
  output: value(
    'PATH',
    'where to write the image (default: build/NAME-ARCH-PLATFORM; of several frameworks build/NAME-FRAMEWORK-ARCH-PLATFORM)',
    filled,
    {
      short: 'o',
    },
  ),
  verifyReproducible: toggle('build twice, in different places, and compare what comes of it', {
    excludes: 'all',
  }),
  jobs,
  limit,
  dryRun: toggle('print the plan: no file is written, and no lock'),
  verbose,
  frozen,
  offline,
};

/** What the command gets. */
export type Context = Run<typeof flags>;

export const build = command(
  {
    name: 'build',
    otherWords: ['make', 'compile', 'link'],
    about: 'compile the app, and link it with its layers to a bootable image',
    flags,
    examples: [
      ['bunny build', 'for this machine, where the Bunnyfile says nothing else'],
      ['bunny build --arch arm64 --platform qemu', 'for one of its targets'],
      ['bunny build --all --jobs 8', 'for all of them'],
      ['bunny build --frozen --offline', 'only what bunny.lock pins, only from the store'],
      ['bunny build --verify-reproducible', 'the same bytes again, whatever the place'],
      ['bunny build --dry-run --json', 'the plan, for programs'],
      [
        'bunny build --type oci -t localhost:5000/demo/hello:1.0 --push',
        'an OCI image, for urunc and others',
      ],
      ['bunny build --sbom spdx', 'and a bill of materials beside the image'],
      ['bunny build --type oci -t docker-archive:hello.tar', 'for docker load'],
    ],
  },
  () => import('./run.js'),
);
