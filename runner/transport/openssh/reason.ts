import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { certificates } from '../ssh/auth/certificates.ts'
import type { Answer } from '../ssh/config/host-config.ts'
import type { KnownHost } from '../ssh/known-hosts/entry.ts'
import type { SshSettings } from '../ssh/settings.ts'

export interface ReasonOptions {
  readonly settings: SshSettings
  readonly answer: Answer
  /** The known_hosts lines that speak of the host. */
  readonly lines: readonly KnownHost[]
  /** Types of the keys that the agent at a socket holds. */
  readonly agentKeyTypes: (socket: string) => Promise<readonly string[]>
  /** How many keys ssh2 could present. */
  readonly usableKeys: number
}

/** Why a host is reached by the `ssh` program and not by ssh2: something that ssh2 does not know. Undefined when it knows everything. */
export async function opensshReason(options: ReasonOptions): Promise<string | undefined> {
  const { settings, answer, lines } = options
  const set = (keyword: string) => {
    const value = answer[keyword]?.[0]
    return value !== undefined && !/^(?:none|no|false)$/i.test(value)
  }
  if (settings.controlPath !== undefined && (await isSocket(settings.controlPath))) {
    return `there is a live connection at ${settings.controlPath} (ControlPath)`
  }
  if (set('knownhostscommand')) return "the host's key is asked of a program (KnownHostsCommand)"
  if (set('verifyhostkeydns')) return "the host's key is asked of DNS (VerifyHostKeyDNS)"
  if (lines.some(isAuthority) && !lines.some((line) => line.marker === undefined)) {
    const [line] = lines.filter(isAuthority)
    return `the host shows a certificate (@cert-authority, ${line?.file}:${line?.line})`
  }
  const [certificate] = await certificates(settings)
  if (certificate !== undefined) return `the user has a certificate (${certificate})`
  if (set('pkcs11provider')) return 'keys are on a token (PKCS11Provider)'
  return keyReason(options, set('gssapiauthentication'))
}

const isAuthority = (line: KnownHost) => line.marker === 'cert-authority'

async function keyReason(
  { settings, agentKeyTypes, usableKeys }: ReasonOptions,
  gssapi: boolean,
): Promise<string | undefined> {
  const types =
    settings.agentSocket === undefined || settings.identitiesOnly ? [] : await agentKeyTypes(settings.agentSocket)
  if (types.some((type) => type.includes('-cert-v0'))) return 'the agent holds a certificate'
  const hardware = settings.identityFiles.length > 0 ? settings.identityFiles : hardwareDefaults(settings)
  for (const file of hardware) {
    if (await isHardwareKey(file)) return usableKeys > 0 ? undefined : `the key is on a FIDO device (${file})`
  }
  if (usableKeys > 0 || settings.password !== undefined) return undefined
  if (types.some((type) => type.startsWith('sk-'))) return 'the agent holds a key that is on a FIDO device'
  return gssapi ? 'there is no key, and Kerberos is allowed (GSSAPIAuthentication)' : undefined
}

function hardwareDefaults({ defaultIdentityFiles }: SshSettings): string[] {
  const [first] = defaultIdentityFiles
  return first === undefined ? [] : ['id_ed25519_sk', 'id_ecdsa_sk'].map((name) => join(dirname(first), name))
}

const isHardwareKey = async (file: string) => (await readFile(`${file}.pub`, 'utf8').catch(() => '')).startsWith('sk-')

const isSocket = (path: string) =>
  stat(path).then(
    (it) => it.isSocket(),
    () => false,
  )
