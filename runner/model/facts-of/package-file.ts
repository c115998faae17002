import { TsplayError } from '../errors.ts'
import type { Probe } from '../probe.ts'
import { quote } from '../quote.ts'
import { absolutePath } from './path-state.ts'

/** What a `.deb`, `.rpm` or `.apk` file says it holds. */
export interface PackageFileState {
  readonly name: string
  readonly version: string
}

/** Asks what package a file on the host holds; `undefined` where there is no such file. Two processes on the host. */
export const packageFileProbe = (file: string): Probe<PackageFileState | undefined> => {
  const path = quote(absolutePath(file))
  return {
    fact: `package-file:${absolutePath(file)}`,
    touches: [`path:${absolutePath(file)}`],
    script: `if [ -e ${path} ];then {
if [ -s /var/lib/dpkg/status ]&&command -v dpkg-deb >/dev/null;then dpkg-deb -W --showformat='package \${Package} \${Version}\\n' ${path}
elif [ -e /lib/apk/db/installed ]&&command -v apk >/dev/null;then ${apkFile(path)}
elif command -v rpm >/dev/null;then rpm -qp --qf 'package %{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n' ${path};fi
} 2>/dev/null||echo unreadable;fi
echo end`,
    parse(raw) {
      if (raw === 'end\n') return undefined
      const [, name, version] = /^package (\S+) (\S+)$/m.exec(raw) ?? []
      if (name === undefined || version === undefined) {
        throw new TsplayError('COMMAND', `${file} is no package that this host's package manager can read`)
      }
      return { name, version }
    },
    absent: (answer) => answer === undefined,
  }
}

/** A gzipped tar of apk 2 has its description in front; of a package of apk 3 only apk can read it. */
const apkFile = (path: string) =>
  `{ tar -xzOf ${path} .PKGINFO||apk adbdump ${path}; }|awk '/^(pkgname =|  name:) /&&!n{n=$NF} /^(pkgver =|  version:) /&&!v{v=$NF} END{if (n) print "package " n " " v}'`
