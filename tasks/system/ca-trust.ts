import { unclear } from '../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { typed } from '../../runner/model/typed-question.ts'

const tools = ['update-ca-certificates', 'update-ca-trust', 'none'] as const

export interface TrustState {
  /** What makes a host's programs trust what lies in its folders. */
  readonly tool: (typeof tools)[number]
  /** Whether the bundle that programs read holds the certificate. */
  readonly trusted: boolean
}

/** What programs read: of Debian and Alpine, of the Red Hat family. */
export const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem']

/** Asks what a host has to trust certificates with, and whether its bundle holds one, given as its base64 in one line. */
export const trustProbe = typed('ca-trust', (base64: string): Probe<TrustState> => ({
  fact: `ca-trust:${base64.slice(-40)}`,
  touches: bundles.map((path) => `path:${path}`),
  script: `(PATH=$PATH:/usr/sbin:/sbin
for t in update-ca-trust update-ca-certificates none;do if command -v $t >/dev/null||[ $t = none ];then echo "tool $t";break;fi;done
${base64 === '' ? '' : `for f in ${bundles.join(' ')};do if [ -r "$f" ]&&tr -d '\\r\\n' <"$f"|grep -qF -e ${quote(base64)};then echo trusted;break;fi;done`}
) 2>/dev/null`,
  parse(raw) {
    const tool = tools.find((name) => raw.includes(`tool ${name}\n`))
    if (tool === undefined) throw unclear('the trust in certificates', raw)
    return { tool, trusted: /^trusted$/m.test(raw) }
  },
  absent: ({ tool }) => tool === 'none',
}))
