import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package that this code is part of; found upwards, since `dist` is one level more than the source. */
export function ownFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** The version of the tsplay that runs. */
export function ownVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(ownFolder(), 'package.json'), 'utf8'))
  return manifest.version
}
