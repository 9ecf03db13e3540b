/** What the root of a tooling layer is to hold. */
export interface RootContent {
  /** Debian packages. */
  packages: readonly string[];
  /** Programs by their names in /usr/bin. */
  programs: readonly string[];
  /** Directories that are taken whole. Shell globs, relative to the root. */
  directories: readonly string[];
  /** Whether Python is taken, with its library. */
  python?: boolean | undefined;
}

/**
 * A program that makes a root file system of Debian packages: `make-root DIR`. It takes what is named, and the libraries
 * that this needs, and nothing else.
 */
export function makeRootScript({ packages, programs, directories, python = false }: RootContent): string {
  return `#!/bin/sh
# Usage: make-root DIR
#
# Writes the root file system of this tooling layer to DIR: the programs below, from Debian packages, and the
# libraries that they need. Written by \`bunny import\`; change it as you need.
#
# Packages come from where this machine's own apt gets them, of the release that this machine is. BUNNY_ROOT_SUITE
# names another release, BUNNY_ROOT_SOURCES a file of apt sources (one-line style) that has it. Needs mmdebstrap and
# an amd64 machine; an ordinary user will do where user namespaces are allowed.

set -eu
export LC_ALL=C
umask 022

PACKAGES='${packages.join(' ')}'
PROGRAMS='${programs.join(' ')}'
DIRECTORIES='${directories.join(' ')}'
PYTHON=${python ? 'yes' : 'no'}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
	echo "make-root: $*" >&2
	exit 1
}

[ $# -eq 1 ] || fail 'one argument: the directory to write'
[ "$(uname -m)" = x86_64 ] || fail 'the compilers run on amd64 only'
command -v mmdebstrap >/dev/null || fail 'mmdebstrap is missing: apt install mmdebstrap'
SUITE=\${BUNNY_ROOT_SUITE-$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)}
[ -n "$SUITE" ] || fail 'this machine does not say which release it is: name one in BUNNY_ROOT_SUITE'
mkdir -p "$1"
target=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# apt's sources for the release, whichever files and styles this machine keeps them in.
sources() {
	if [ -n "\${BUNNY_ROOT_SOURCES-}" ]; then
		cat "$BUNNY_ROOT_SOURCES"
		return
	fi
	[ -e "$KEYRING" ] && options="[signed-by=$KEYRING] " || options=
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \\
		'Created-By: Packages' 'Architecture: amd64' | sort -u |
		while read -r release component uri; do
			case $release,$component in
			$SUITE,main | $SUITE-updates,main | $SUITE-security,main)
				echo "deb $options$uri $release $component"
				;;
			esac
		done
}

sources >"$work/sources.list"
grep -q " $SUITE main" "$work/sources.list" ||
	fail "apt has no sources for $SUITE main here: name a file that has them in BUNNY_ROOT_SOURCES"
apt-config dump Acquire >"$work/acquire.conf"

# Packages are only unpacked, so that a user namespace with one user in it will do.
as_root=
[ "$(id -u)" -eq 0 ] || as_root='unshare --map-root-user --mount'
full=$work/full
$as_root mmdebstrap --mode=root --quiet --variant=extract --architectures=amd64 \\
	--aptopt="$work/acquire.conf" --aptopt='APT::Install-Recommends "false"' \\
	--include="$(echo "$PACKAGES" | tr ' ' ,)" "$SUITE" "$full" "$work/sources.list" >&2
for directory in bin sbin lib lib64; do
	[ -e "$full/$directory" ] || ln -s "usr/$directory" "$full/$directory"
done

cd "$target"
mkdir -p usr/bin usr/lib usr/lib64 dev proc tmp

# Copies a program under its own name, as what it is if it is a link.
take() {
	for place in usr/bin bin; do
		[ -e "$full/$place/$1" ] || continue
		cp -L --preserve=mode "$full/$place/$1" "usr/bin/$1"
		return
	done
	fail "no package has the program $1"
}

for program in $PROGRAMS; do take "$program"; done
take dash
mv usr/bin/dash usr/bin/sh
# What installing a package would link.
[ ! -e usr/bin/mawk ] || ln -s mawk usr/bin/awk
for pattern in $DIRECTORIES; do
	for directory in $(cd "$full" && ls -d $pattern); do
		mkdir -p "$(dirname "$directory")"
		cp -RL --preserve=mode "$full/$directory" "$(dirname "$directory")/"
	done
done

loader=lib64/ld-linux-x86-64.so.2
libraries=$full/lib/x86_64-linux-gnu:$full/usr/lib/x86_64-linux-gnu
cp -L --preserve=mode "$full/$loader" "usr/$loader"

# A root is read-only: what Python would compile at each start is compiled here.
if [ $PYTHON = yes ]; then
	version=$(cd "$full/usr/lib" && ls -d python3.*)
	cp -RL --preserve=mode "$full/usr/lib/$version" usr/lib/
	take "$version"
	ln -sf "$version" usr/bin/python3
	rm -rf "usr/lib/$version/test" "usr/lib/$version/config-"* "usr/lib/$version/ensurepip" "usr/lib/$version/idlelib"
	PYTHONHOME=$full/usr "$full/$loader" --library-path "$libraries" "$full/usr/bin/$version" \\
		-m compileall -q --invalidation-mode unchecked-hash -s "$target" -p / "usr/lib/$version" >&2
fi

# gcc looks for its assembler by the name of the machine, in a directory of its own.
for assembler in usr/bin/*-linux-gnu-as; do
	[ -e "$assembler" ] || continue
	machine=$(basename "$assembler" -as)
	mkdir -p "usr/$machine/bin"
	for tool in as ld; do ln -s "../../bin/$machine-$tool" "usr/$machine/bin/$tool"; done
done

# The libraries, as the dynamic linker of the packages finds them.
find usr -type f \\( -perm -u+x -o -name '*.so' \\) | while read -r program; do
	"$full/$loader" --library-path "$libraries" --list "$program" 2>/dev/null |
		sed -n 's/^.* => \\(.*\\) (0x[0-9a-f]*)$/\\1/p'
done | sort -u | while read -r library; do
	[ "$library" != "$full/$loader" ] || continue
	mkdir -p usr/lib/x86_64-linux-gnu
	cp -L "$library" "usr/lib/x86_64-linux-gnu/$(basename "$library")"
done

for directory in bin lib lib64; do ln -s "usr/$directory" $directory; done
find . -type d -exec chmod 755 {} +
find . -type f -perm -u+x -exec chmod 755 {} +
find . -type f ! -perm -u+x -exec chmod 644 {} +
find . -exec touch -h -d @0 {} +
`;
}
