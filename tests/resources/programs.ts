import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What resources need that neither busybox nor the lab's Debian has. */
export const brought: readonly string[] = [
  '/usr/bin/git',
  '/usr/bin/git-upload-pack',
  '/usr/bin/xz',
  '/usr/bin/zstd',
  '/usr/bin/unzip',
  '/usr/bin/zip',
  '/usr/bin/setfacl',
  '/usr/bin/getfacl',
  ...'blkid wipefs mkfs.ext4 e2fsck e2label resize2fs'.split(' ').map((name) => `/usr/sbin/${name}`),
]

/** Puts programs of this machine into another root, with the libraries that they say they need. */
export function bringPrograms(root: string, programs: readonly string[]): void {
  for (const program of programs) {
    const needs = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/\/\S+/g)
    for (const file of [program, ...[...needs].map(([path]) => path)]) {
      const to = join(root, file)
      if (existsSync(to)) continue
      mkdirSync(dirname(to), { recursive: true })
      cpSync(file, to, { dereference: true })
    }
  }
}
