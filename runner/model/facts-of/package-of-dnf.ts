/**
 * Shell text that asks dnf, by `ask ARGUMENT…`, of its lists as they are; `$d` is a folder of its own meanwhile.
 *
 * dnf writes to its cache even where it is told to use nothing else: it gets one that leads to the host's. Of what it finds
 * there it notes digests in extended attributes (librepo's `user.Librepo.checksum`), so that it sees the host's read-only,
 * in a mount namespace of its own, where the host lets root have one.
 */
export const askingDnf = (questions: string): string => `if d=$(mktemp -d /run/tsplay-dnf.XXXXXX||mktemp -d);then
ln -s $(ls -d /var/cache/dnf/*.solv* /var/cache/dnf/*/ /var/cache/libdnf5/*/) "$d"
ask() {
set -- dnf -q -C --setopt=cachedir="$d" --setopt=system_cachedir="$d" "$@"
if unshare -m true;then set -- unshare -m sh -c ${readOnly} sh "$@";fi
LC_ALL=C "$@"
}
${questions}
rm -rf "$d"
fi`

const readOnly = `'for c in /var/cache/dnf /var/cache/libdnf5;do
if [ -d $c ];then mount --bind $c $c&&mount -o remount,bind,ro $c;fi
done
exec "$@"'`
