import type { errorCodes } from './error-codes.js';
import { type ExitStatus, exitStatus } from './exit-status.js';

const { unsatisfiable, usage, registry, trust, buildFailed, internal, fileSystem } = exitStatus;

/**
 * The exit statuses that each error code ends a command with: the first unless the place of the failure says
 * another. What is wrong with a document has that of the registry where the document came from one.
 */
export const errorStatuses = {
  // Documents
  BUNNY_EYAML: [usage],
  BUNNY_EJSON: [usage, registry],
  BUNNY_EENCODING: [usage, registry],
  BUNNY_ETOOLARGE: [usage, registry],
  BUNNY_EUNKNOWNKEY: [usage, registry],
  BUNNY_ETYPE: [usage, registry],
  BUNNY_ENAME: [usage, registry],
  BUNNY_EVERSION: [usage, registry],
  BUNNY_ERANGE: [usage, registry],
  BUNNY_EPATH: [usage, registry, buildFailed],
  BUNNY_EOPTION: [usage, unsatisfiable, registry],
  BUNNY_ESETTING: [usage, registry],
  BUNNY_ETEMPLATE: [usage, registry],
  BUNNY_ERULES: [usage, registry],
  BUNNY_ELANGUAGE: [usage],
  BUNNY_ENOBUNNYFILE: [usage],
  BUNNY_ENOFRAMEWORK: [usage],
  BUNNY_ENOFILE: [usage, buildFailed],

  // Resolving
  BUNNY_ETARGET: [unsatisfiable, usage],
  BUNNY_ENOSOLUTION: [unsatisfiable],
  BUNNY_EVERSIONNOTFOUND: [unsatisfiable],
  BUNNY_EINFER: [unsatisfiable],
  BUNNY_EFROZEN: [unsatisfiable],
  BUNNY_ELOCKCONFLICT: [usage],
  BUNNY_ELOCKFOREIGN: [unsatisfiable],
  BUNNY_ELOCKED: [unsatisfiable],
  BUNNY_EEDIT: [usage],
  BUNNY_EBINDING: [unsatisfiable],

  // Publishing
  BUNNY_ENOTHING: [usage],
  BUNNY_EDUPLICATE: [usage, buildFailed],
  BUNNY_ECOMMANDS: [usage],
  BUNNY_ECYCLE: [usage],
  BUNNY_ESOURCE: [usage, trust],
  BUNNY_EAFFECTED: [usage],
  BUNNY_EREPRODUCE: [buildFailed],
  BUNNY_ECOMPILE: [buildFailed],
  BUNNY_EOBJECT: [buildFailed],
  BUNNY_EUNDECLARED: [buildFailed],
  BUNNY_EIMPORT: [usage],
  BUNNY_EPUBLISHED: [unsatisfiable],
  BUNNY_EBREAKING: [unsatisfiable],
  BUNNY_ECONFIGURATION: [unsatisfiable],
  BUNNY_EINDEX: [registry],
  BUNNY_ECATALOG: [registry],

  // Building
  BUNNY_EARTIFACT: [unsatisfiable],
  BUNNY_EKERNEL: [usage, unsatisfiable],
  BUNNY_ELAYER: [registry],
  BUNNY_ESCRIPT: [unsatisfiable],
  BUNNY_ELINK: [buildFailed],
  BUNNY_EUNDEFINED: [buildFailed],

  // Running commands
  BUNNY_EROOTFS: [usage, unsatisfiable, registry, buildFailed],
  BUNNY_ESANDBOX: [unsatisfiable, usage, buildFailed],
  BUNNY_EGRAPH: [buildFailed],
  BUNNY_ERESOURCE: [buildFailed, unsatisfiable],
  BUNNY_EMONITOR: [unsatisfiable, usage],
  BUNNY_ECANCELLED: [unsatisfiable, usage],

  // Trust
  BUNNY_EKEY: [usage],
  BUNNY_EIDENTITY: [usage],
  BUNNY_EPOLICY: [trust],
  BUNNY_ELICENSE: [trust],
  BUNNY_EROLLBACK: [trust],
  BUNNY_ESERVICE: [registry],
  BUNNY_ETRUSTEDROOT: [usage],
  BUNNY_EUNSIGNED: [trust],
  BUNNY_ESIGNATURE: [trust],

  // Registries, layouts and archives
  BUNNY_EREFERENCE: [usage],
  BUNNY_ENOTFOUND: [unsatisfiable, registry],
  BUNNY_EMETADATA: [registry, usage],
  BUNNY_EMANIFEST: [registry],
  BUNNY_EDIGEST: [registry],
  BUNNY_ESIZE: [registry],
  BUNNY_ELIMIT: [registry, usage, buildFailed],
  BUNNY_EARCHIVE: [registry],
  BUNNY_EUNSUPPORTED: [registry],
  BUNNY_ENETWORK: [registry],
  BUNNY_ETIMEOUT: [registry, unsatisfiable],
  BUNNY_EAUTH: [registry, usage],
  BUNNY_EDENIED: [registry],
  BUNNY_EREGISTRY: [registry],
  BUNNY_EREDIRECT: [registry],
  BUNNY_EOFFLINE: [registry],

  // This machine
  BUNNY_EUSAGE: [usage],
  BUNNY_EEXISTS: [usage],
  BUNNY_ENOSPACE: [fileSystem],
  BUNNY_EACCESS: [fileSystem],
  BUNNY_EIO: [fileSystem],
  BUNNY_EABORTED: [registry],
  BUNNY_EINTERNAL: [internal],
} as const satisfies Readonly<Record<keyof typeof errorCodes, readonly [ExitStatus, ...ExitStatus[]]>>;
