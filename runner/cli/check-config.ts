import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ownFolder } from './own-package.ts'

/** What is checked when the user has no tsconfig.json: the settings that `tsplay init` writes. */
export const playbookOptions = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  // Not `nodenext`: that takes .ts files for CommonJS below a package.json as `npm init` writes it.
  module: 'preserve',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  strict: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  // A helper in JavaScript is no error; what it exports is seen.
  allowJs: true,
  checkJs: false,
  noEmit: true,
} as const

/** What a check overrides: nothing is written, nothing but the playbook is looked at, and style stops no run. */
const overrides = {
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  emitDeclarationOnly: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
}

/** The text of a tsconfig.json that checks one playbook, in `.tsplay/cache` beside it, as the user's own would. */
export async function checkConfig(playbook: string): Promise<{ readonly text: string }> {
  const theirs = nearest(dirname(playbook), 'tsconfig.json')
  const config = {
    // In the text, so that a changed configuration is another one.
    ...(theirs === undefined ? {} : { extends: theirs, $theirs: await readFile(theirs, 'utf8') }),
    compilerOptions: {
      ...(theirs === undefined ? playbookOptions : {}),
      ...overrides,
      ...nodeTypes(playbook, theirs !== undefined),
      ...tsplayPaths(playbook),
    },
    files: [playbook],
    include: [],
    references: [],
  }
  return { text: JSON.stringify(config) }
}

/** Without Node's types nothing fails but what uses them: a folder as `tsplay init` leaves it has to run at once. */
function nodeTypes(playbook: string, configured: boolean): object {
  const there = nearest(dirname(playbook), 'node_modules/@types/node/package.json') !== undefined
  if (there) return configured ? {} : { types: ['node'] }
  return { types: [] }
}

/** Where the playbook's folder has no tsplay, the running one is meant; see the module hooks. */
function tsplayPaths(playbook: string): object {
  try {
    createRequire(playbook).resolve('tsplay/package.json')
    return {}
  } catch {
    const types = join(ownFolder(), 'dist')
    return {
      paths: {
        tsplay: [join(types, 'runner/index.d.ts')],
        'tsplay/tasks': [join(types, 'tasks/index.d.ts')],
        'tsplay/testing': [join(types, 'runner/testing.d.ts')],
      },
    }
  }
}

function nearest(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return join(at, name)
    if (at === dirname(at)) return undefined
  }
}
