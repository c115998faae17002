import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { skip } from './suite.ts'

/** A folder with a system in it: busybox, root and the user `web`, and nothing else. */
export async function busyboxRoot(folder: string): Promise<string> {
  if (process.getuid?.() !== 0) skip('chroot takes root')
  if (!existsSync('/bin/busybox')) skip('busybox-static is not installed')
  const root = join(folder, 'root')
  await installBusybox(root)
  for (const name of ['dev', 'etc', 'tmp', 'run', 'root']) await mkdir(join(root, name), { recursive: true })
  execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3'])
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nweb:x:1500:1500::/tmp:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nweb:x:1500:\n')
  return root
}

/** Puts busybox and the names of its programs into `/bin` of a root folder. */
export async function installBusybox(root: string): Promise<void> {
  await mkdir(join(root, 'bin'), { recursive: true })
  execFileSync('cp', ['/bin/busybox', join(root, 'bin/busybox')])
  execFileSync('chroot', [root, '/bin/busybox', '--install', '-s', '/bin'])
}
