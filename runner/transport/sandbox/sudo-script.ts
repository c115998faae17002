/**
 * What stands for sudo(8) on a sandbox host: the options that tsplay and people use with commands, without passwords.
 * The machine's own sudo can't work there: it is owned by an id that the host does not have.
 */
export const sudoScript = `#!/bin/sh
user=root group= home= dir=
usage() { echo "sudo: $1 (this is the sandbox's small sudo)" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    -u|--user) user=\${2-}; shift ;;
    --user=*) user=\${1#*=} ;;
    -g|--group) group=\${2-}; shift ;;
    -p|--prompt|-D|--chdir) [ "$1" != -D ] && [ "$1" != --chdir ] || dir=\${2-}; shift ;;
    --prompt=*) ;;
    -S|-n|-k|-E|--stdin|--non-interactive) ;;
    -nS|-Sn|-SH|-HS|-nH|-Hn|-nHS|-HSn) home=1 ;;
    -H|--set-home|-i|--login) home=1 ;;
    -v|--validate|-K) exit 0 ;;
    -V|--version) echo "sudo of the tsplay sandbox"; exit 0 ;;
    --) shift; break ;;
    -*) usage "option $1 is not known here" ;;
    *=*) export "$1" ;;
    *) break ;;
  esac
  [ $# -gt 0 ] && shift
done
[ $# -gt 0 ] || usage "a command is wanted"
while [ $# -gt 0 ]; do case $1 in [A-Za-z_]*=*) export "$1"; shift ;; *) break ;; esac; done
case $user in
  '#'*) entry=$(getent passwd "\${user#?}") ;;
  *) entry=$(getent passwd "$user") ;;
esac || usage "unknown user $user"
IFS=: read -r name x uid gid gecos dir_of shell <<END
$entry
END
export USER="$name" LOGNAME="$name" SUDO_USER="$(id -un)" SUDO_UID="$(id -u)" SUDO_GID="$(id -g)" HOME="$dir_of"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ -z "$dir" ] || cd "$dir" || exit 1
if [ "$uid" = "$(id -u)" ] && [ -z "$group" ]; then exec "$@"; fi
read -r inside outside count </proc/self/uid_map
if [ "$count" = 1 ]; then
  echo "sudo: user $name can't be reached: this sandbox has one user id, root (see docs/sandbox.md)" >&2
  exit 1
fi
become=/run/become
[ "$(id -u)" != 0 ] || become=$(command -v setpriv)
[ -x "$become" ] || { echo "sudo: $(id -un) is not in the group sudo of this sandbox" >&2; exit 1; }
[ -z "$group" ] || gid=$(getent group "$group" | cut -d: -f3)
# Ids first, as root: the groups of the new user are set in the same step.
exec "$become" --reuid="$uid" --regid="$gid" --init-groups -- "$@"
`
