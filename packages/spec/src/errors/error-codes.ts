import type { ErrorCode } from './errors.js';

/** Every error code, with what it means: the source of docs/reference/errors.md. */
export const errorCodes = {
  // Documents
  BUNNY_EYAML:
    'A document is not well-formed YAML, or has a key twice, too many aliases, or too many levels.',
  BUNNY_EJSON: 'A document from a registry, or the lock, is not well-formed JSON.',
  BUNNY_EENCODING: 'A document is not UTF-8 text.',
  BUNNY_ETOOLARGE: 'A document is larger than its limit.',
  BUNNY_EUNKNOWNKEY: 'A document has a key that its format does not know.',
  BUNNY_ETYPE: 'A value in a document is of the wrong kind, or a key is missing.',
  BUNNY_ENAME: 'A name does not follow the rules for names of components, capabilities and frameworks.',
  BUNNY_EVERSION: 'A version is not a semantic version, or cannot be written as a tag.',
  BUNNY_ERANGE: 'A range of versions cannot be read.',
  BUNNY_EPATH: 'A path leads out of the directory it belongs to, or over a link, or cannot be expressed.',
  BUNNY_EOPTION: 'An option does not exist, or has a value outside its declaration.',
  BUNNY_ESETTING: 'A setting does not exist, or has a value that the framework does not know.',
  BUNNY_ETEMPLATE: 'A command template names an unknown variable, or cannot be expanded.',
  BUNNY_ERULES: 'The rules of a tooling layer contradict themselves, or leave out what a command is for.',
  BUNNY_ELANGUAGE: 'No language of the tooling layer takes a source file, or more than one does.',
  BUNNY_ENOBUNNYFILE: 'There is no Bunnyfile where one was looked for.',
  BUNNY_ENOFRAMEWORK: 'Nothing says which framework is meant.',
  BUNNY_ENOFILE: 'A file that was named does not exist, or is something else: a directory, a pipe, a device.',

  // Resolving
  BUNNY_ETARGET: 'The framework makes no images for an architecture and platform.',
  BUNNY_ENOSOLUTION: 'No choice of variants meets all requirements.',
  BUNNY_EVERSIONNOTFOUND: 'No published version is within the range.',
  BUNNY_EINFER: 'Dependencies cannot be told from the sources alone, or have not been written out yet.',
  BUNNY_EFROZEN: 'The lock is missing or stale, and `--frozen` forbids writing it.',
  BUNNY_ELOCKCONFLICT: 'A merge left its conflict marks in bunny.lock.',
  BUNNY_ELOCKFOREIGN: 'The lock was made for another Bunnyfile.',
  BUNNY_ELOCKED: 'What the lock pins does not belong together.',
  BUNNY_EEDIT: 'A Bunnyfile is written in a way that commands do not edit.',
  BUNNY_EBINDING: 'The lock has a component from a registry that is not among those given now.',

  // Publishing
  BUNNY_ENOTHING: 'There is nothing to publish at a path.',
  BUNNY_EDUPLICATE:
    'Two of what may be there once: a version described twice, two headers of one name, two definitions of a symbol.',
  BUNNY_ECOMMANDS: 'A program of a library OS would have to run on this machine, and nobody allowed it.',
  BUNNY_ECYCLE: 'Components depend on each other in a cycle.',
  BUNNY_ESOURCE:
    'A source is missing, is a link, or leads out of its directory; or what is attached to a layer as its sources are others.',
  BUNNY_EAFFECTED: 'How a component is compiled depends on a setting that its affectedBy does not name.',
  BUNNY_EREPRODUCE: 'An image that was built twice came out as other bytes.',
  BUNNY_ECOMPILE: 'A source does not compile.',
  BUNNY_EOBJECT: 'A file that should be a relocatable object for the target is none.',
  BUNNY_EUNDECLARED: 'A component uses a symbol that no declared dependency defines.',
  BUNNY_EIMPORT:
    'What is to be imported is not there, not finished, or not as the build of its framework leaves it.',
  BUNNY_EPUBLISHED: 'A version is published already, made from other sources.',
  BUNNY_EBREAKING:
    'A version lacks symbols that dependents of a compatible version use, or has other types than it.',
  BUNNY_ECONFIGURATION: 'Two versions have no configuration in common that could be compared.',
  BUNNY_EINDEX: 'The index of a version kept changing under other publishers.',
  BUNNY_ECATALOG: 'The catalog of a framework kept changing under other publishers.',

  // Building
  BUNNY_EARTIFACT: 'The tooling layer makes no artifact of a type.',
  BUNNY_EKERNEL:
    'The prebuilt kernel that a Bunnyfile names is not there, or is for another architecture than asked for.',
  BUNNY_ELAYER: 'The layer of a component does not hold what its metadata says.',
  BUNNY_ESCRIPT:
    'A closure has no default linker script where one is needed, or more than one, or none with the constructors.',
  BUNNY_ELINK: 'The linker refused, for a reason that Bunny does not know better.',
  BUNNY_EUNDEFINED:
    'An image uses symbols that nothing in its closure defines, or its app lacks one that every app defines.',

  // Running commands
  BUNNY_EROOTFS: 'The root filesystem of a tooling layer cannot be made or found.',
  BUNNY_ESANDBOX: 'A sandbox cannot be made, or a program is missing in it.',
  BUNNY_EGRAPH: 'The build graph cannot be run.',
  BUNNY_ERESOURCE: 'A command in a sandbox went over a limit: memory, processes, disk, time.',
  BUNNY_EMONITOR: 'The monitor that boots an image is missing, or ended as no app does.',
  BUNNY_ECANCELLED: 'The command was cancelled.',

  // Trust
  BUNNY_EKEY: 'A key cannot be read, or is of a kind that signatures are not made with.',
  BUNNY_EIDENTITY: 'There is no identity token to sign with, or one that cannot be used.',
  BUNNY_EPOLICY:
    'A policy refuses a layer: not enough of its signers have signed it, or no rule is about it.',
  BUNNY_ELICENSE: 'A component is under a licence that is not among those that are allowed.',
  BUNNY_EROLLBACK: 'A registry shows less than it did, or than what is signed says that there is.',
  BUNNY_ESERVICE:
    'A service that certificates, log entries or timestamps come from does not give what is asked for.',
  BUNNY_ETRUSTEDROOT: 'A trusted root, which certificates are checked under, is missing or cannot be used.',
  BUNNY_EUNSIGNED: 'Something has no signature, where one is asked for.',
  BUNNY_ESIGNATURE: 'Something is signed, but by other keys than are asked for, or for something else.',

  // Registries, layouts and archives
  BUNNY_EREFERENCE: 'A reference, tag or repository path is not well formed.',
  BUNNY_ENOTFOUND: 'A repository, tag, manifest or blob does not exist.',
  BUNNY_EMETADATA:
    'Metadata on a registry contradicts its own hash, or is of another kind than its place says.',
  BUNNY_EMANIFEST: 'A descriptor, manifest, index or layout document breaks its specification.',
  BUNNY_EDIGEST: 'Content does not have the digest that it was asked for by.',
  BUNNY_ESIZE: 'Content is longer or shorter than its descriptor says.',
  BUNNY_ELIMIT: 'An archive or document is larger than its limits.',
  BUNNY_EARCHIVE: 'An archive is damaged, or tries to reach outside its directory.',
  BUNNY_EUNSUPPORTED: 'The registry, layout or archive uses what is not supported.',
  BUNNY_ENETWORK: 'The connection failed, and went on failing when tried again.',
  BUNNY_ETIMEOUT: 'Something did not finish within its time.',
  BUNNY_EAUTH: 'The registry wants credentials that are missing or wrong.',
  BUNNY_EDENIED: 'The registry knows who asks, and does not allow it.',
  BUNNY_EREGISTRY: 'The registry refused for another reason.',
  BUNNY_EREDIRECT: 'A redirect or token server must not be followed.',
  BUNNY_EOFFLINE: 'Something is not in the store, and the network may not be used.',

  // This machine
  BUNNY_EUSAGE:
    'The command line cannot be read: an unknown command or flag, or a value that it does not take.',
  BUNNY_EEXISTS: 'A file or directory that was to be made is there already, and must stay as it is.',
  BUNNY_ENOSPACE: 'The disk is full.',
  BUNNY_EACCESS: 'The file system does not permit it.',
  BUNNY_EIO: 'The file system refused.',
  BUNNY_EABORTED: 'A transfer was interrupted.',
  BUNNY_EINTERNAL: 'A bug in Bunny.',
} as const satisfies Readonly<Record<ErrorCode, string>>;
