import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { certificateAuthority } from '../helpers/certificate-authority.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { assert } from '../helpers/suite.ts'

const run = promisify(execFile)

/** The first host of a rig. */
export const first = (rig: SshdRig) => {
  const [host] = rig.hosts
  assert.ok(host)
  return host
}

/** A rig whose hosts take certificates of an authority alone, and show certificates of the same. */
export async function certified(user: 'new' | 'root' = 'root') {
  const rig = await sshdRig({
    user,
    config: ['TrustedUserCAKeys REPLACED', 'AuthorizedKeysFile none', 'HostCertificate REPLACED'],
  })
  const host = first(rig)
  const authority = await certificateAuthority(rig.folder)
  const hostKey = `${rig.folder}/h1/host_ed25519_key`
  const { stdout } = await run('ssh-keygen', ['-y', '-f', hostKey])
  await writeFile(`${hostKey}.pub`, stdout)
  const hostCertificate = await authority.sign(hostKey, 'host', [host.address])
  const config = `${rig.folder}/h1/sshd_config`
  const text = await readFile(config, 'utf8')
  await writeFile(
    config,
    text
      .replace('TrustedUserCAKeys REPLACED', `TrustedUserCAKeys ${authority.publicFile}`)
      .replace('HostCertificate REPLACED', `HostCertificate ${hostCertificate}`)
      .replace(/AuthorizedKeysFile \/.*/g, ''),
  )
  return Object.assign(rig, { authority, knownHosts: [`@cert-authority 127.* ${authority.publicKey}`] })
}
