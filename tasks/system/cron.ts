import { TsplayError } from '../../runner/model/errors.ts'
import { accountName } from '../../runner/model/facts-of/account-name.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain } from '../../runner/model/unknown.ts'
import { absent } from '../files/absent.ts'
import { file } from '../files/file.ts'

export interface CronOptions {
  /** Names the file: `/etc/cron.d/NAME`. No dots: cron passes those by. */
  readonly name: string
  /** The five fields of crontab(5), `'30 4 * * *'`, or `@daily`, `@reboot` … Needed unless it is to be absent. */
  readonly schedule?: string
  /** One line for the shell; `%` reaches it as it is. Needed unless it is to be absent. */
  readonly command?: string
  /** Who it runs as. @default root */
  readonly user?: string
  /** Set for the command: `{ MAILTO: '' }`. */
  readonly env?: Readonly<Record<string, string>>
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

/** A field: numbers or names, with ranges, lists and steps. */
const schedules =
  /^(?:@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|[\d*A-Za-z,/~-]+(?:[ \t]+[\d*A-Za-z,/~-]+){4})$/

/**
 * A command that cron runs at set times, in a file of its own, which is root's and of mode 0644.
 * @example
 * await host.ensure(cron({ name: 'backup', schedule: '30 4 * * *', command: '/usr/local/bin/backup', user: 'backup' }))
 */
export function cron(options: CronOptions): Resource<{ readonly path: string }> {
  const { name, schedule = '', command = '', user = 'root', env = {}, state = 'present' } = options
  const wrong = (message: string, hint: string) => new TsplayError('OPTIONS', `cron ${name}: ${message}`, { hint })
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `cron: ${JSON.stringify(name)} can not name a file`, {
      hint: 'letters, digits, "_" and "-": cron passes by names with a dot',
    })
  }
  const path = `/etc/cron.d/${name}`
  if (state === 'absent') return absent({ path })
  if (!schedules.test(certain(schedule))) {
    throw wrong(`${JSON.stringify(schedule)} is no schedule`, "five fields, '30 4 * * *', or @daily and its kin")
  }
  if (command.trim() === '' || /[\r\n\0]/.test(command)) throw wrong('command has to be one line', 'call a script')
  const variables = Object.entries(env).map(([key, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(key) || /[\r\n\0"]/.test(value)) {
      throw wrong(
        `${JSON.stringify(`${key}=${value}`)} can not be set`,
        'names of letters, values of one line without "',
      )
    }
    return `${key}="${value}"\n`
  })
  // A bare % begins the command's standard input (crontab(5)).
  const line = `${schedule} ${accountName('user', user)} ${command.replaceAll('%', '\\%')}\n`
  return file({ path, content: variables.join('') + line, mode: '0644', owner: 0, group: 0 })
}
