import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import type { PathState } from '../../runner/model/facts-of/path-state.ts'
import { type Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { certain } from '../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from './owned-file.ts'

export interface HostnameOptions {
  /** As hostname(7) has it: labels of letters, digits and dashes, with dots between them. */
  readonly name: string
}

interface State {
  readonly now: string
  readonly file: PathState
}

const path = '/etc/hostname'

const nowProbe = typed('hostname', (): Probe<string> => ({
  fact: 'hostname',
  script: 'uname -n',
  parse: (raw) => raw.trim(),
}))

const definition = resource<HostnameOptions, State, { readonly name: string }>({
  kind: 'hostname',
  id: ({ name }) => name,
  validate({ name }) {
    const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
    // HOST_NAME_MAX of Linux.
    if (certain(name).length <= 64 && new RegExp(`^${label}(?:\\.${label})*$`).test(name)) return
    throw new TsplayError('OPTIONS', `hostname: ${JSON.stringify(name.slice(0, 80))} can not be the name of a host`, {
      hint: 'letters, digits and dashes, with dots between labels; 64 characters at most',
    })
  },
  probes: () => ({ now: nowProbe(), file: pathProbe(path, { content: 'always' }) }),
  diff({ name }, { now, file }): Change[] {
    return [
      ...(certain(now) === name ? [] : [{ field: 'now', before: now, after: name }]),
      ...ownedFile('hostname', path, file, `${name}\n`),
    ]
  },
  apply({ name }, changes) {
    return [
      ...(changes.some(({ field }) => field === 'now')
        ? [{ script: `printf '%s\\n' ${quote(name)} >/proc/sys/kernel/hostname`, hint: 'Does the play become root?' }]
        : []),
      // systemd-hostnamed looks at the file by itself.
      ...(changes.some(({ field }) => field !== 'now') ? [{ upload: `${name}\n`, to: path, mode: '0644' }] : []),
    ]
  },
  after: ({ name }, { file }) => ({ now: name, file: ownedFileAfter(file, `${name}\n`) }),
  out: ({ name }) => ({ name }),
})

/**
 * The host's name, now and at boot. A line in `/etc/hosts` for it is another matter: see `block`.
 * @example
 * await host.ensure(hostname({ name: 'web1.example.org' }))
 */
export const hostname = (options: HostnameOptions): Resource<{ readonly name: string }> => definition(options)
