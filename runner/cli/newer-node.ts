import * as nodeModule from 'node:module'
import type * as hooks from './typescript-hooks.ts'

/** What `node:module` has in some of the releases of Node that this program runs on, and not in all of them. */
interface NewerModule {
  readonly register: typeof nodeModule.register
  /** Since Node 22.8: keeps in a folder what Node compiles from now on. */
  readonly enableCompileCache?: (this: void, folder: string) => unknown
  /** Since Node 22.15: hooks that run where they are registered, and need no thread of their own. */
  readonly registerHooks?: (this: void, these: typeof hooks) => void
}

export const { enableCompileCache, registerHooks }: NewerModule = nodeModule
