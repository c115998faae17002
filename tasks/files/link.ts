import { posix } from 'node:path'
import type { Change } from '../../runner/model/change.ts'
import { sha256 } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { ancestorProbe, linkTargetProbe, pathProbe } from '../../runner/model/facts-of/path.ts'
import { absolutePath, type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { certain, unknown, unknownReason } from '../../runner/model/unknown.ts'
import { checkParent, parentOf, wrongKind } from './place.ts'

export interface LinkOptions {
  /** Absolute path on the host of the link itself. */
  readonly path: string
  /** What is written into it: an absolute path, or one relative to the link's directory. It need not exist. */
  readonly target: string
  /** Whether a file at the path may be replaced; a directory never is. @default false */
  readonly force?: boolean
}

interface State {
  readonly path: PathState
  readonly parent: PathState
  readonly target: PathState
}

const definition = resource<LinkOptions, State, { readonly path: string }>({
  kind: 'link',
  id: ({ path }) => path,
  probes: (options) => ({
    path: pathProbe(options.path, { digest: false }),
    parent: ancestorProbe(parentOf(options.path), options.path),
    target: linkTargetProbe(options.path, targetPath(options)),
  }),
  diff({ path, target, force }, state): Change[] {
    const found = certain(state.path)
    const what = `link ${path}`
    if (found.kind === 'link') {
      return certain(found.target) === target ? [] : [{ field: 'target', before: found.target, after: target }]
    }
    if (found.kind === 'absent') checkParent(what, path, state.parent)
    else if (found.kind === 'directory') throw wrongKind(what, found, 'take it away first with absent()')
    else if (!force) throw wrongKind(what, found, 'force: true replaces it')
    const replaced: Change[] = found.kind === 'absent' ? [] : [{ field: 'state', before: found.kind, after: 'link' }]
    return [...replaced, { field: 'target', before: undefined, after: target }]
  },
  apply: ({ path, target }) => [{ script: placeLink(path, target) }],
  after: ({ target }, state) => {
    const { path } = state
    // Where both lead to the same, only the way there is written anew.
    const leadsTo = path.kind === 'link' && unknownReason(state.target) !== undefined ? path : state.target
    const reason = unknownReason(leadsTo)
    return {
      ...state,
      path: { kind: 'link', target, resolved: reason === undefined ? resolved(leadsTo) : unknown(reason) },
    }
  },
  out: ({ path }) => ({ path }),
})

const targetPath = ({ path, target }: LinkOptions) => posix.resolve(parentOf(path), target)

/** The same for every run, so that the next one takes away what was left of one that was cut. */
const besideIt = (path: string) => `${parentOf(path).replace(/\/$/, '')}/.tsplay-link.${sha256(path).slice(0, 12)}`

/** Made beside the place and renamed over it: there is no moment without a link, where `mv` knows `-T` (GNU, busybox). */
const placeLink = (path: string, target: string) => `set -e
p=${quote(path)} t=${quote(besideIt(path))}
rm -f "$t"
trap 'rm -f "$t"' EXIT
ln -s -- ${quote(target)} "$t"
mv -fT "$t" "$p" 2>/dev/null||{ rm -f "$p";mv "$t" "$p";}`

/**
 * A symbolic link. One that leads elsewhere is replaced at once; a file only with `force`, a directory never.
 * @example
 * await host.ensure(link({ path: '/srv/app/current', target: 'releases/42' }))
 */
export function link(options: LinkOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const target = certain(options.target)
  if (typeof target !== 'string' || target === '' || target.includes('\0')) {
    throw new TsplayError('OPTIONS', `link ${path}: target has to be a path, not ${JSON.stringify(target)}`)
  }
  if (target.startsWith('~')) {
    throw new TsplayError('OPTIONS', `link ${path}: "~" is not expanded in target ${JSON.stringify(target)}`, {
      hint: 'write ./~name if a name that begins with ~ is meant',
    })
  }
  return definition({ path, target, force: options.force ?? false })
}
