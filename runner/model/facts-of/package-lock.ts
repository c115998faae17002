/**
 * Shell text that prints `lock SPEC` for what dnf's versionlock keeps of a package. dnf 4 has a list of them
 * (dnf-versionlock(8)), of which lines with `!` exclude versions; dnf 5 has TOML, of which a lock is `evr = VALUE`.
 */
export const lockScript = (
  name: string,
): string => `l=$(sed -n 's/^ *locklist *= *//p' /etc/dnf/plugins/versionlock.conf)
if [ -r "$l" ];then grep -v '^[#!]' "$l"|grep -F -e '${name.replace(architecture, '')}'|sed 's/^/lock /';fi
if [ -r /etc/dnf/versionlock.toml ];then
awk -F'"' '/^name *=/{n=$2} /^key *=/{k=$2} /^comparator *=/{c=$2} /^value *=/{if (k=="evr"&&c=="=") print "lock " n "-" $2 ".*"}' /etc/dnf/versionlock.toml
fi`

const architecture = /\.(?:noarch|x86_64|i[3-6]86|aarch64|armv7hl|ppc64le|s390x|riscv64|\*)$/

/** Whether a lock is one of a package at a version, `[EPOCH:]VERSION-RELEASE`: in one of the forms of dnf-versionlock(8). */
export function isLockOf(lock: string, name: string, evr: string): boolean {
  const base = name.replace(architecture, '')
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(evr) ?? []
  const version = rest.replace(/-[^-]*$/, '')
  const whole = [`${base}-${rest}`, `${base}-${epoch}:${rest}`, `${epoch}:${base}-${rest}`]
  const forms = [base, `${base}-${version}`, `${base}-${epoch}:${version}`, ...whole]
  return [lock, lock.replace(architecture, '')].some((spec) => {
    const pattern = spec.split('*').map((part) => part.replaceAll(/[.+^$()[\]{}|\\?]/g, '\\$&'))
    const matches = new RegExp(`^${pattern.join('.*')}$`)
    return forms.some((form) => matches.test(form))
  })
}
