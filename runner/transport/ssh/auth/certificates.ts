import { access } from 'node:fs/promises'
import type { SshSettings } from '../settings.ts'

const existing = (file: string) =>
  access(file).then(
    () => [file],
    () => [],
  )

/** Certificates that OpenSSH would present: those that are configured, and `KEY-cert.pub` beside a key file. Only those that exist. */
export async function certificates(settings: SshSettings): Promise<string[]> {
  const keys = [...settings.identityFiles, ...settings.defaultIdentityFiles]
  const files = [...settings.certificateFiles, ...keys.map((file) => `${file}-cert.pub`)]
  return (await Promise.all(files.map(existing))).flat()
}
