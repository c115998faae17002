import { TsplayError } from '../../runner/model/errors.ts'
import { unfollowedProbe } from '../../runner/model/facts-of/path.ts'
import { absolutePath, type PathState } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'

export interface AbsentOptions {
  /** Absolute path on the host of a file, a link (which is not followed) or a directory with all that is in it. */
  readonly path: string
}

interface State {
  readonly path: PathState
}

/** What a system does not survive, or only does without its data (hier(7), FHS 3.0). */
const vital = new Set(
  `/ /bin /boot /boot/efi /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp
  /usr /usr/bin /usr/include /usr/lib /usr/lib32 /usr/lib64 /usr/libexec /usr/local /usr/sbin /usr/share
  /var /var/cache /var/lib /var/lib/dpkg /var/lib/rpm /var/local /var/log /var/mail /var/run /var/spool /var/tmp
  /lib/apk /etc/fstab /etc/group /etc/pam.d /etc/passwd /etc/shadow /etc/ssh`.split(/\s+/),
)

const definition = resource<AbsentOptions, State, { readonly path: string }>({
  kind: 'absent',
  id: ({ path }) => path,
  probes: ({ path }) => ({ path: unfollowedProbe(path) }),
  diff(_, state) {
    const { kind } = certain(state.path)
    return kind === 'absent' ? [] : [{ field: 'state', before: kind, after: undefined }]
  },
  apply: ({ path }, _, state) => [
    { script: state.path.kind === 'directory' ? removeTree(path) : `rm -f ${quote(path)}` },
  ],
  after: () => ({ path: { kind: 'absent' } }),
  out: ({ path }) => ({ path }),
})

/** What is mounted below belongs to somebody else: proc(5) lists it, with blanks and backslashes in octal. */
const removeTree = (path: string) => `if [ -r /proc/self/mounts ];then
while read -r _ m _;do case $m in ${pattern(path)}|${pattern(path)}/*)
printf 'not removed: %s is mounted there\\n' "$m" >&2;exit 1;;esac;done </proc/self/mounts
fi
rm -rf ${quote(path)}`

const pattern = (path: string) =>
  `'${path.replaceAll(/[ \t\n\\]/g, (char) => `\\0${char.charCodeAt(0).toString(8).padStart(2, '0')}`).replaceAll("'", `'\\''`)}'`

/**
 * Nothing at a path: removes a file, a symbolic link (never what it leads to), or a directory with all that is in it.
 * Refuses directories that a system can't do without, and trees in which something is mounted.
 * @example
 * await host.ensure(absent({ path: '/etc/nginx/sites-enabled/default' }), { onChange: reload('nginx') })
 */
export function absent(options: AbsentOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  if (vital.has(path)) {
    throw new TsplayError('OPTIONS', `absent ${path}: refused, since a system can not do without it`, {
      hint: 'name what is to go inside it',
    })
  }
  return definition({ path })
}
