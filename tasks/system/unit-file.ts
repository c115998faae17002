import type { Change } from '../../runner/model/change.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { pathProbe } from '../../runner/model/facts-of/path.ts'
import { type PathState, resolved } from '../../runner/model/facts-of/path-state.ts'
import { checkedUnit, newUnit, unitFact, unitProbe, type UnitState } from '../../runner/model/facts-of/unit.ts'
import { quote } from '../../runner/model/quote.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import type { Step } from '../../runner/model/step.ts'
import { certain } from '../../runner/model/unknown.ts'
import { ownedFile, ownedFileAfter } from './owned-file.ts'

export interface UnitFileOptions {
  /** The unit: `app` means `app.service`; `backup.timer`, `data.mount` as they are. */
  readonly name: string
  /** What systemd.unit(5) wants in it. Needed unless it is to be absent. */
  readonly content?: string
  /** Makes it a drop-in, which adds to the unit or overrides parts of it: `/etc/systemd/system/UNIT.d/DROPIN.conf`. */
  readonly dropIn?: string
  /** `absent` removes the file; a unit that runs goes on, and is to be stopped by `service` before. @default 'present' */
  readonly state?: 'present' | 'absent'
}

export interface UnitFileOut {
  /** The unit's whole name. */
  readonly unit: string
  readonly path: string
}

interface State {
  readonly file: PathState
  readonly unit: UnitState
}

const folderOf = ({ name, dropIn }: UnitFileOptions) =>
  dropIn === undefined ? '/etc/systemd/system' : `/etc/systemd/system/${checkedUnit(name)}.d`

const pathOf = (options: UnitFileOptions) =>
  `${folderOf(options)}/${options.dropIn === undefined ? checkedUnit(options.name) : `${options.dropIn}.conf`}`

/** With the line end that systemd's own files have. */
const textOf = ({ content = '' }: UnitFileOptions) => (content.endsWith('\n') ? content : `${content}\n`)

const whatOf = (options: UnitFileOptions) => `unit file ${pathOf(options)}`

const definition = resource<UnitFileOptions, State, UnitFileOut>({
  kind: 'unit-file',
  id: pathOf,
  validate(options) {
    const { content, dropIn, state } = options
    if (dropIn !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(certain(dropIn))) {
      throw new TsplayError('OPTIONS', `unit file: ${JSON.stringify(dropIn)} can not name a drop-in`)
    }
    if (state === 'absent') return
    if (!/^\s*\[[A-Za-z-]+\]\s*$/m.test(certain(content ?? '')) || content?.includes('\0')) {
      throw new TsplayError('OPTIONS', `${whatOf(options)}: its content has no section, such as [Service]`)
    }
  },
  probes: (options) => ({
    file: pathProbe(pathOf(options), { content: 'always' }),
    // What the file is about to change is not for the host to say any more.
    unit: { ...unitProbe(options.name), touches: [] },
  }),
  diff(options, { file, unit }): Change[] {
    const { init, load, needDaemonReload } = certain(unit)
    if (load === 'no-init' || init === 'openrc')
      throw new TsplayError('COMMAND', `${whatOf(options)}: no systemd on this host`)
    const changes = ownedFile(
      whatOf(options),
      pathOf(options),
      file,
      options.state === 'absent' ? undefined : textOf(options),
    )
    if (changes.length > 0 || !needDaemonReload) return changes
    return [{ field: 'read by systemd', before: 'an older version', after: 'this one' }]
  },
  apply(options, changes): Step[] {
    const path = quote(pathOf(options))
    const reload = { script: 'systemctl daemon-reload', hint: 'Does the play become root?' }
    if (changes.every(({ field }) => field === 'read by systemd')) return [reload]
    if (options.state === 'absent') {
      const folder = options.dropIn === undefined ? '' : `;rmdir ${quote(folderOf(options))} 2>/dev/null`
      return [{ script: `rm -f ${path}||exit 1${folder}\nsystemctl daemon-reload` }]
    }
    return [
      { script: `mkdir -p ${quote(folderOf(options))}` },
      { upload: textOf(options), to: pathOf(options), mode: '0644' },
      reload,
    ]
  },
  after(options, { file, unit }) {
    const gone = options.state === 'absent'
    return {
      file: gone ? { kind: 'absent' } : ownedFileAfter(file, textOf(options)),
      unit: unitAfter(options, unit, !gone && resolved(file).kind === 'absent'),
    }
  },
  effects: (options, { unit, file }) => [
    {
      fact: unitFact(options.name),
      value: unitAfter(options, unit, options.state !== 'absent' && resolved(file).kind === 'absent'),
    },
  ],
  out: (options) => ({ unit: checkedUnit(options.name), path: pathOf(options) }),
})

/** What systemd says of the unit once it has read the file. */
function unitAfter(options: UnitFileOptions, unit: UnitState, isNew: boolean): UnitState {
  const read = { ...unit, needDaemonReload: false }
  if (options.dropIn !== undefined) return read
  // What runs goes on, though nobody knows any more how it was started.
  if (options.state === 'absent') return { ...read, load: 'not-found', enabled: '' }
  if (!isNew || unit.load !== 'not-found') return read
  return newUnit({ enabled: /^\s*\[Install\]\s*$/m.test(textOf(options)) ? 'disabled' : 'static' })
}

/**
 * A unit file of systemd, or a drop-in for one: written, and read by systemd at once. A change does not restart the unit:
 * say `onChange: restart(NAME)`. In check mode a `service` that follows finds the unit there.
 * @example
 * const content = '[Service]\nExecStart=/usr/local/bin/app\n\n[Install]\nWantedBy=multi-user.target\n'
 * await host.ensure(unitFile({ name: 'app', content }), { onChange: restart('app') })
 * await host.ensure(service({ name: 'app', enabled: true, running: true }))
 */
export const unitFile = (options: UnitFileOptions): Resource<UnitFileOut> => definition(options)
