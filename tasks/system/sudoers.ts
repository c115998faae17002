import { TsplayError } from '../../runner/model/errors.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { certain, inText } from '../../runner/model/unknown.ts'
import { absent } from '../files/absent.ts'
import { file } from '../files/file.ts'

export interface SudoersOptions {
  /** Names the file: `/etc/sudoers.d/NAME`. No dots: sudo passes those by. */
  readonly name: string
  /** Lines of sudoers(5). Needed unless it is to be absent. */
  readonly content?: string
  /** @default 'present' */
  readonly state?: 'present' | 'absent'
}

/**
 * A file of rules for sudo. visudo has to accept it before it takes its place, so that a slip can't lock everybody out;
 * it is root's, of mode 0440.
 * @example
 * await host.ensure(sudoers({ name: 'deploy', content: 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart app\n' }))
 */
export function sudoers({ name, content, state = 'present' }: SudoersOptions): Resource<{ readonly path: string }> {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(certain(name))) {
    throw new TsplayError('OPTIONS', `sudoers: ${JSON.stringify(name)} can not name a file of rules`, {
      hint: 'letters, digits, "_" and "-": sudo passes by names with a dot or a "~"',
    })
  }
  const path = `/etc/sudoers.d/${name}`
  if (state === 'absent') return absent({ path })
  if (content === undefined || String(inText(content)).trim() === '') {
    throw new TsplayError('OPTIONS', `sudoers ${name}: content is needed`, { hint: "state: 'absent' removes the file" })
  }
  const text = content.endsWith('\n') ? content : `${content}\n`
  return file({ path, content: text, mode: '0440', owner: 0, group: 0, validate: visudo })
}

/** Its place is not on the path of every user that sudo leads from. */
const visudo = 'PATH=$PATH:/usr/sbin:/sbin visudo -cqf %s'
