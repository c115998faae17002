import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { ancestorProbe, pathProbe } from '../../../runner/model/facts-of/path.ts'
import { pathFact, type PathState, resolved } from '../../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import { certain, unknown } from '../../../runner/model/unknown.ts'
import { checkParent, parentOf, wrongKind } from '../place.ts'
import { type GitCheckoutOptions, wantedCheckout, type WantedCheckout } from './checkout-options.ts'
import { checkoutScript } from './checkout-script.ts'
import { type Checkout, checkoutProbe, type Remote, remoteProbe } from './checkout-state.ts'

export type { GitCheckoutOptions } from './checkout-options.ts'

export interface GitCheckoutOut {
  readonly path: string
  /** The commit that is checked out. */
  readonly revision: string
}

interface State {
  readonly checkout: Checkout
  readonly remote: Remote
  readonly place: PathState
  readonly parent: PathState
}

const definition = resource<WantedCheckout, State, GitCheckoutOut>({
  kind: 'gitCheckout',
  id: ({ path }) => path,
  probes: (wanted) => ({
    checkout: checkoutProbe(wanted),
    remote: remoteProbe(wanted),
    place: pathProbe(wanted.path, { digest: false }),
    parent: ancestorProbe(parentOf(wanted.path), wanted.path),
  }),
  diff(wanted, state): Change[] {
    const what = `gitCheckout ${wanted.path}`
    const found = certain(state.checkout)
    checkPlace(what, wanted, found, state)
    if (found.kind !== 'checkout') {
      const before = found.kind === 'unfinished' ? 'unfinished' : undefined
      return [{ field: 'checkout', before, after: commitOf(what, wanted, state) }]
    }
    const commit = wanted.update ? commitOf(what, wanted, state) : found.head
    const changes: Change[] = [
      ...(found.origin === wanted.repository
        ? []
        : [{ field: 'repository', before: found.origin, after: wanted.repository }]),
      ...(found.head === commit ? [] : [{ field: 'revision', before: found.head, after: commit }]),
    ]
    if (found.edited.length === 0) return changes
    if (wanted.force) return [...changes, { field: 'local changes', before: found.edited, after: [] }]
    if (found.head === commit) return changes
    throw new TsplayError('COMMAND', `${what}: files were changed by hand: ${found.edited.slice(0, 5).join(', ')}`, {
      hint: 'Commit or undo the changes, or throw them away with force: true.',
    })
  },
  apply(wanted, changes, { checkout, remote }) {
    const moves = changes.some(({ field }) => field === 'checkout' || field === 'revision')
    const head = checkout.kind === 'checkout' ? checkout.head : ''
    const commit = moves ? (remote.commit ?? '') : head
    const force = wanted.force || checkout.kind !== 'checkout'
    return [
      {
        script: checkoutScript(wanted, { commit, isTag: remote.isTag, force }),
        timeoutMs: wanted.timeoutMs,
        hint: 'Can this user of the host reach the repository, with keys and known hosts of its own? Is the folder its own?',
      },
    ]
  },
  after(wanted, state) {
    const { checkout, remote, place } = state
    const stays = checkout.kind === 'checkout' && !wanted.update
    const { edited = [] } = checkout.kind === 'checkout' ? checkout : {}
    const head = stays ? checkout.head : (remote.commit ?? unknown<string>('what the repository has'))
    return {
      ...state,
      checkout: { kind: 'checkout', head, origin: wanted.repository, edited: wanted.force ? [] : edited },
      place: certain(place).kind === 'absent' ? newDirectory : place,
    }
  },
  effects: ({ path }, { place }) =>
    certain(place).kind === 'absent' ? [{ fact: pathFact(path), value: newDirectory }] : [],
  // Which files a commit has, only the repository can tell.
  opaque: (_, changes) => changes.some(({ field }) => field === 'checkout' || field === 'revision'),
  out: ({ path }, { checkout }) => ({ path, revision: checkout.kind === 'checkout' ? checkout.head : '' }),
})

const whoever = 'whoever runs it'
const newDirectory: PathState = {
  kind: 'directory',
  mode: unknown(whoever),
  owner: unknown(whoever),
  group: unknown(whoever),
  uid: unknown(whoever),
  gid: unknown(whoever),
}

function checkPlace(what: string, { path }: WantedCheckout, found: Checkout, { place, parent }: State): void {
  if (found.kind === 'without-git') {
    throw new TsplayError('COMMAND', `${what}: there is no git on this host`, {
      hint: "install it first: await host.ensure(packages({ names: 'git' }))",
    })
  }
  if (found.kind === 'problem') throw new TsplayError('COMMAND', `${what}: git refuses it: ${found.why}`)
  const there = resolved(certain(place))
  if (there.kind === 'absent') checkParent(what, path, parent)
  else if (there.kind !== 'directory') throw wrongKind(what, there, 'path is that of a directory')
  if (found.kind === 'foreign') {
    throw new TsplayError('COMMAND', `${what}: the directory holds something else than a checkout`, {
      hint: 'Move it away, or name another path.',
    })
  }
}

function commitOf(what: string, { repository }: WantedCheckout, { remote }: State): string {
  const { commit, problem } = certain(remote)
  if (commit !== undefined) return commit
  throw new TsplayError('COMMAND', `${what}: ${repository}: ${problem}`, {
    hint: 'It is asked by the user of the host that the operation runs as, with keys and known hosts of its own.',
  })
}

/**
 * A git repository's files at a revision, fetched by the host's git; its HEAD is detached. Files that git does not track stay.
 * To give them to a user, do it as that user: git refuses folders of others.
 * @example
 * await host.as('app').ensure(
 *   gitCheckout({ repository: 'https://git.example.org/app.git', path: '/srv/app/code', revision: 'v1.2.0' }),
 * )
 */
export const gitCheckout = (options: GitCheckoutOptions): Resource<GitCheckoutOut> =>
  definition(wantedCheckout(options))
