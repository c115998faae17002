import { X509Certificate } from 'node:crypto'
import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe, unfollowedProbe } from '../../runner/model/facts-of/path.ts'
import { pathFact, type PathState } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { ScriptStep, Step } from '../../runner/model/step.ts'
import { certain, unknown } from '../../runner/model/unknown.ts'
import { localContent } from '../files/desired-content.ts'
import { bundles, trustProbe, type TrustState } from './ca-trust.ts'
import { ownedFile, ownedFileAfter } from './owned-file.ts'

export interface CaCertificateOptions {
  /** Names its file on the host. */
  readonly name: string
  /** The certificate in PEM: one alone. It or `source` is needed, unless it is to be absent. */
  readonly content?: string
  /** In place of `content`: a file of the control machine, relative to the file that names it. */
  readonly source?: string
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

interface Wanted {
  readonly name: string
  /** `undefined`: it is not to be trusted. */
  readonly pem: string | undefined
}

interface State {
  readonly trust: TrustState
  /** Where Debian and Alpine have it. */
  readonly local: PathState
  /** Where the Red Hat family has it. */
  readonly anchor: PathState
  /** What update-ca-certificates makes of a file of that name. */
  readonly hashed: PathState
}

const localPath = ({ name }: Wanted) => `/usr/local/share/ca-certificates/${name}.crt`
const anchorPath = ({ name }: Wanted) => `/etc/pki/ca-trust/source/anchors/${name}.crt`

/** The file that the host's own tool reads. */
const place = (wanted: Wanted, { trust, local, anchor }: State) =>
  trust.tool === 'update-ca-trust'
    ? ({ field: 'anchor', path: anchorPath(wanted), file: anchor } as const)
    : ({ field: 'local', path: localPath(wanted), file: local } as const)

const definition = resource<Wanted, State, { readonly name: string }>({
  kind: 'ca-certificate',
  id: ({ name }) => name,
  probes: (wanted) => ({
    trust: trustProbe(wanted.pem === undefined ? '' : base64Of(wanted.pem)),
    local: pathProbe(localPath(wanted), { content: 'always' }),
    anchor: pathProbe(anchorPath(wanted), { content: 'always' }),
    hashed: unfollowedProbe(`/etc/ssl/certs/${wanted.name}.pem`),
  }),
  diff(wanted, state): Change[] {
    const what = `CA certificate ${wanted.name}`
    const { tool, trusted } = certain(state.trust)
    const { path, file } = place(wanted, { ...state, trust: certain(state.trust) })
    const changes = ownedFile(what, path, file, wanted.pem)
    if (tool === 'none') {
      if (wanted.pem === undefined) return changes
      throw new TsplayError('COMMAND', `${what}: nothing on this host makes certificates trusted`, {
        hint: 'install the package ca-certificates first',
      })
    }
    const made = wanted.pem === undefined ? certain(state.hashed).kind !== 'absent' : trusted
    return made === (wanted.pem !== undefined)
      ? changes
      : [...changes, { field: 'trusted', before: made, after: !made }]
  },
  apply(wanted, changes, state): Step[] {
    const { path } = place(wanted, state)
    const written = changes.some(({ field }) => field === 'file' || field === 'content')
    if (wanted.pem === undefined) return [{ script: `rm -f ${quote(path)}` }, refreshStep(state)]
    const folder = { script: `mkdir -p ${quote(path.slice(0, path.lastIndexOf('/')))}` }
    return [...(written ? [folder, { upload: wanted.pem, to: path, mode: '0644' }] : []), refreshStep(state)]
  },
  after(wanted, state) {
    const { field, file } = place(wanted, state)
    const after: PathState = wanted.pem === undefined ? { kind: 'absent' } : ownedFileAfter(file, wanted.pem)
    return {
      ...state,
      [field]: after,
      trust: { ...state.trust, trusted: wanted.pem !== undefined },
      hashed: wanted.pem === undefined ? { kind: 'absent' } : unknown('update-ca-certificates makes it'),
    }
  },
  effects: () => bundles.map((path) => ({ fact: pathFact(path), value: unknown('it is made anew') })),
  out: ({ name }) => ({ name }),
})

/**
 * `--fresh` makes all links anew: a link of ours that is there while the bundle lacks the certificate is what is left of
 * a cut, and would be passed by.
 */
const refreshStep = ({ trust, hashed }: State): ScriptStep => ({
  script: `PATH=$PATH:/usr/sbin:/sbin
${trust.tool === 'update-ca-trust' ? 'update-ca-trust extract' : `update-ca-certificates ${hashed.kind === 'absent' ? '' : '--fresh '}>/dev/null`}`,
  onDisconnect: 'finish',
  hint: 'Does the play become root?',
})

const base64Of = (pem: string): string => certain(pem).replaceAll(/-----[^-]+-----|\s/g, '')

/**
 * A certificate that the host's programs trust as an authority (those that go by the system's store: curl, git, Python,
 * most of what is linked with OpenSSL or GnuTLS; not Java's own store, and not Firefox). Debian, Ubuntu and Alpine by
 * update-ca-certificates, the Red Hat family by update-ca-trust; tests have run it on Debian alone. Programs that run read it again
 * when they are restarted.
 * @example
 * await host.ensure(caCertificate({ name: 'example-internal', source: 'files/internal-ca.pem' }))
 */
export function caCertificate(options: CaCertificateOptions): Resource<{ readonly name: string }> {
  const { name, content, source, state = 'present' } = options
  const wrong = (message: string, hint?: string) =>
    new TsplayError('OPTIONS', `CA certificate ${name}: ${message}`, hint === undefined ? {} : { hint })
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `CA certificate: ${JSON.stringify(name.slice(0, 80))} can not name a file`)
  }
  if (state === 'absent') return definition({ name, pem: undefined })
  if ((content === undefined) === (source === undefined)) throw wrong('either content or source is needed')
  const text = source === undefined ? certain(content ?? '') : localContent(`CA certificate ${name}`, source).toString()
  const [pem, ...more] = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (pem === undefined) throw wrong('this is no certificate in PEM', 'it begins with -----BEGIN CERTIFICATE-----')
  if (more.length > 0) throw wrong('several certificates are given', 'ensure each of them under a name of its own')
  try {
    // In the form that OpenSSL gives: lines of 64 characters.
    return definition({ name, pem: new X509Certificate(pem).toString() })
  } catch (cause) {
    throw wrong(`this is no certificate: ${String(cause)}`)
  }
}
