import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { CleanUp } from './clean-up.ts'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)

export interface DebianPackage {
  readonly name: string
  readonly version: string
  /** Absolute paths on the host, and what they hold; below /usr/bin they can be run. */
  readonly files: Readonly<Record<string, string>>
  /** Of /etc, those that dpkg asks about before it replaces them are found by themselves. */
  readonly postinst?: string
}

/** A signed repository without distributions, as pkgs.k8s.io is one, served on all addresses of this machine. */
export interface AptRepository extends AsyncDisposable {
  readonly port: number
  /** ASCII-armoured. */
  readonly key: string
}

/** Needs dpkg-deb and gpg. */
export async function aptRepository(packages: readonly DebianPackage[]): Promise<AptRepository> {
  await using stack = new CleanUp()
  const { path: folder } = stack.use(await temporaryFolder())
  const entries: string[] = []
  for (const it of packages) entries.push(await built(folder, it))
  await writeFile(join(folder, 'Packages'), entries.join('\n'))
  const key = await signed(folder)
  const server = createServer((request, response) => {
    readFile(join(folder, normalize(`/${request.url ?? ''}`))).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    )
  }).listen(0)
  await once(server, 'listening')
  stack.defer(() => server.close().closeAllConnections())
  const cleanUp = stack.move()
  return {
    port: (server.address() as AddressInfo).port,
    key,
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

/** Builds a package in the folder; gives its paragraph of the list. */
async function built(folder: string, { name, version, files, postinst }: DebianPackage): Promise<string> {
  const tree = join(folder, 'trees', name)
  const write = async (path: string, text: string, mode: number) => {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), text)
    await chmod(join(tree, path), mode)
  }
  for (const [path, text] of Object.entries(files)) await write(path, text, path.includes('/bin/') ? 0o755 : 0o644)
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: tests <tests@example.org>\nDescription: ${name}\n`
  await write('DEBIAN/control', control, 0o644)
  const settings = Object.keys(files).filter((path) => path.startsWith('/etc/'))
  if (settings.length > 0) await write('DEBIAN/conffiles', `${settings.join('\n')}\n`, 0o644)
  if (postinst !== undefined) await write('DEBIAN/postinst', `#!/bin/sh\nset -e\n${postinst}`, 0o755)
  const deb = `${name}_${version}_all.deb`
  await run('dpkg-deb', ['--root-owner-group', '--build', tree, join(folder, deb)])
  const bytes = await readFile(join(folder, deb))
  return `${control}Filename: ./${deb}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`
}

/** Writes Release and, signed with a key of its own, InRelease; gives the key. */
async function signed(folder: string): Promise<string> {
  const home = join(folder, 'gnupg')
  await mkdir(home, { mode: 0o700 })
  const gpg = async (...args: readonly string[]) =>
    (await run('gpg', ['--homedir', home, '--batch', '--passphrase', '', ...args])).stdout
  try {
    const list = join(folder, 'Packages')
    const { size } = await stat(list)
    const sum = sha256(await readFile(list))
    const date = new Date().toUTCString()
    await writeFile(join(folder, 'Release'), `Date: ${date}\nSHA256:\n ${sum} ${size} Packages\n`)
    await gpg('--quick-generate-key', 'tests <tests@example.org>', 'ed25519', 'sign', '1d')
    await gpg('--output', join(folder, 'InRelease'), '--clearsign', join(folder, 'Release'))
    return await gpg('--armor', '--export')
  } finally {
    await run('gpgconf', ['--homedir', home, '--kill', 'all'])
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
