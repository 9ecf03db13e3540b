/** As GCC writes it into the section `.comment` of an object: `GCC: (Debian 12.2.0-14) 12.2.0`. */
const gccMark = /GCC: \([^)\0]{1,200}\) (\d{1,3})\.\d/;

/** The major version of the GCC that made an object; undefined where none says so. */
export function gccVersion(object: Buffer): number | undefined {
  const [, major] = gccMark.exec(object.toString('latin1')) ?? [];
  return major === undefined ? undefined : Number(major);
}
