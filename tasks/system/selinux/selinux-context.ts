import type { Change } from '../../../runner/model/change.ts'
import { TsplayError } from '../../../runner/model/errors.ts'
import { absolutePath } from '../../../runner/model/facts-of/path-state.ts'
import { resource, type Resource } from '../../../runner/model/resource.ts'
import { certain } from '../../../runner/model/unknown.ts'
import {
  contextProbe,
  type ContextRule,
  contextScript,
  type ContextState,
  expressionOf,
  type KindOfFile,
  kindsOfFile,
} from './context-state.ts'

export type { KindOfFile } from './context-state.ts'

export type SelinuxContextOptions = {
  /** Absolute path, without symbolic links: rules go by names. Blanks and letters beyond ASCII can't be in one. */
  readonly path: string
  /** Whether it is for all in a directory too, however deep. @default false */
  readonly recursive?: boolean
  /** What it is for. @default 'any' */
  readonly of?: KindOfFile
} & (
  | {
      /** Such as `httpd_sys_content_t`; the policy has to know it. */
      readonly type: string
      /** @default 'present' */
      readonly state?: 'present'
    }
  | {
      /** `absent`: the host's own rule goes, and what is there is labelled by the policy's. */
      readonly state: 'absent'
      readonly type?: never
    }
)

interface Wanted extends ContextRule {
  readonly what: string
  /** `undefined`: no rule of the host's own. */
  readonly type: string | undefined
}

interface State {
  readonly context: ContextState
}

/** The type before, where the rule has to change. */
function ruleChange({ type }: Wanted, { own, base }: ContextState): Change[] {
  const before = type === undefined ? own : (own ?? base)
  return before === type ? [] : [{ field: 'type', before, after: type }]
}

const definition = resource<Wanted, State, { readonly path: string }>({
  kind: 'selinuxContext',
  id: (wanted) => `${expressionOf(wanted)}${wanted.of === 'any' ? '' : ` (${wanted.of})`}`,
  probes: (wanted) => ({ context: contextProbe(wanted) }),
  diff(wanted, state): Change[] {
    const context = certain(state.context)
    const { what, type } = wanted
    if (!context.hasPolicy) {
      if (type === undefined) return []
      throw new TsplayError('COMMAND', `${what}: no policy of SELinux is installed on the host`)
    }
    if (!context.hasTools) {
      if (type === undefined && context.own === undefined) return []
      throw new TsplayError('COMMAND', `${what}: semanage, setfiles and matchpathcon are needed on the host`, {
        hint: 'install policycoreutils-python-utils and libselinux-utils (Debian: selinux-utils) first',
      })
    }
    if (context.isHidden) {
      throw new TsplayError('COMMAND', `${what}: what is there can not all be looked at`, {
        hint: 'Does the play become root?',
      })
    }
    const rule = ruleChange(wanted, context)
    // With another rule, what is otherwise is not known before that is made.
    if (rule.length > 0 || context.otherwise === 0) return rule
    return [{ field: 'labels', before: `${context.otherwise} otherwise`, after: 'as the rules say' }]
  },
  apply(wanted, changes, { context: { own, base } }) {
    const { type } = wanted
    const add = own === undefined && base === undefined ? '-a' : '-m'
    const edit = type === undefined ? '-d' : `${add} -t ${type}`
    return [
      {
        script: contextScript(wanted, changes.some(({ field }) => field === 'type') ? edit : undefined),
        // It builds the policy's files anew.
        onDisconnect: 'finish',
        hint: 'Does the play become root? Does the policy know the type (seinfo -t)?',
      },
    ]
  },
  after: ({ type }, { context }) => ({
    context: {
      ...context,
      own: type === undefined || context.own !== undefined || context.base !== type ? type : undefined,
      otherwise: 0,
    },
  }),
  out: ({ path }) => ({ path }),
})

/**
 * Which type files at a path have for SELinux: the rule of the policy (semanage-fcontext(8)), which restorecon and package
 * managers go by, and the labels of what is there already. Labels that were changed by hand (chcon) are seen, and only the
 * type counts, as for restorecon. A file system that is mounted below the path is not entered.
 *
 * Needs a policy on the host and the package policycoreutils-python-utils. Whether the policy knows the type is told when the
 * rule is made, not in check mode. Users, levels and substitutions of paths (`-e`) are not set.
 * @example
 * await host.ensure(selinuxContext({ path: '/srv/www', recursive: true, type: 'httpd_sys_content_t' }))
 */
export function selinuxContext(options: SelinuxContextOptions): Resource<{ readonly path: string }> {
  const path = absolutePath(options.path)
  const { type, recursive = false, of = 'any', state = 'present' } = options
  const what = `selinuxContext ${path.slice(0, 200)}`
  const refuse = (why: string) => new TsplayError('OPTIONS', `${what}: ${why}`)
  if (path === '/') throw refuse('a rule for all of the host is not made here')
  // setfiles(8) refuses all rules where one has others.
  if (!/^[!-~]+$/.test(path) || path.length > 4000) throw refuse('rules are for paths of ASCII without blanks')
  if (!Object.hasOwn(kindsOfFile, of)) throw refuse(`there is no kind of file ${JSON.stringify(of)}`)
  if ((type === undefined) !== (state === 'absent')) throw refuse('it has a type, unless it is to be absent')
  if (type !== undefined && !/^[A-Za-z][A-Za-z0-9_.]{0,200}$/.test(type))
    throw refuse(`${JSON.stringify(type.slice(0, 80))} is no name of a type`)
  return definition({ what, path, recursive, of, type })
}
