import { type Content, resource, probe } from '../../runner/index.ts'

export interface FileOptions {
  readonly path: string
  readonly content: Content
  readonly owner?: string
}

type At = { readonly kind: 'absent' } | { readonly kind: 'file'; readonly sha256: string }

/** A small resource, for programs that are only compiled. */
export const file = resource({
  kind: 'file',
  id: (options: FileOptions) => options.path,
  probes: (options) => ({ at: probe.script<At>(options.path, 'true', () => ({ kind: 'absent' })) }),
  diff: (options, state) =>
    state.at.kind === 'absent' ? [{ field: 'content', before: undefined, after: options.content }] : [],
  apply: (options) => [{ upload: options.content, to: options.path }],
  after: (_options, state) => ({ ...state, at: { kind: 'file', sha256: 'x' } }),
  out: (options) => ({ path: options.path }),
})

type Account = { readonly uid: number; readonly home: string } | undefined

export const user = resource({
  kind: 'user',
  id: (options: { readonly name: string }) => options.name,
  probes: (options) => ({ account: probe.script<Account>(options.name, 'true', () => undefined) }),
  diff: () => [],
  apply: () => [],
  after: (_options, state) => state,
  out: (_options, state) => ({ uid: state.account?.uid, home: state.account?.home }),
})
