/** Scripts of the overlay that are the same for every tree; what differs is below `$C`, the layer of a configuration. */

/** Makes what differs from image to image. */
export const perImage = `# Usage: sh per-image C MACHINE CC WHAT COMPONENTS NAME APP OUT
# Makes WHAT for the image NAME: C/WHAT.sh has the commands. COMPONENTS has a line for each component, by name; APP is
# the app's own library.
set -e
C=$1 MACHINE=$2 CC=$3 what=$4 components=$5 name=$6 APP=$7 OUT=$8
W=$OUT.d
mkdir -p "$W"
{
	while read -r component rest; do
		[ "$component" = unikraft ] || echo "$component"
	done <"$components"
	cat "$C/per-image"
	echo "$APP"
} | sort -V >"$W/libraries.in"
printf '#define CONFIG_UK_NAME "%s"\\n#define CONFIG_UK_DEFNAME "%s"\\n' "$name" "$name" >"$W/image-name.h"
. "$C/$what.sh"
`;

/** Links an image as make would. */
export const link = `# Usage: sh link C MACHINE CC MAP OUT [-dT SCRIPT] [-T SCRIPT]... -- OBJECT...
# The app's objects become one, which is linked with the others in the order that C/link.sh has; what that does not know
# comes last.
set -ef
C=$1 MACHINE=$2 CC=$3 MAP=$4 OUT=$5
shift 5
default= extra=
while [ "$1" != -- ]; do
	case $1 in
	-dT) default=-Wl,-dT,$2 ;;
	-T) extra="$extra -Wl,-T,$2" ;;
	esac
	shift 2
done
shift
W=$OUT.d
mkdir -p "$W"
. "$C/link.sh"
others= info=
count=$#
while [ "$count" -gt 0 ]; do
	case $1 in
	"\${OUT%/*}"/generated/app-info.o) info=$1 ;;
	/closure/* | "\${OUT%/*}"/generated/*) others="$others $1" ;;
	*) set -- "$@" "$1" ;;
	esac
	shift
	count=$((count - 1))
done
link_app "$@" $info
ordered=
for library in $ORDER; do
	[ "$library" != @app ] || ordered="$ordered $W/app.o"
	for object in $others; do
		case $object in
		/closure/"$library"/* | */generated/"$library".o) ordered="$ordered $object" ;;
		esac
	done
done
for object in $others; do
	case " $ordered " in
	*" $object "*) ;;
	*) ordered="$ordered $object" ;;
	esac
done
link_image $ordered
`;

/** Does what make does to a linked image. */
export const finish = `# Usage: sh finish C MACHINE CC IN OUT
set -e
C=$1 MACHINE=$2 CC=$3 OUT=$5
cp "$4" "$OUT.dbg"
. "$C/finish.sh"
`;
