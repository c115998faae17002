import { CleanUp } from '../helpers/clean-up.ts'
import { sshdRig, type SshdRig } from '../helpers/sshd.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay, type TsplayEnd, type TsplayOptions } from '../helpers/tsplay.ts'
import { playbookText } from './here.ts'

export interface Scene extends AsyncDisposable {
  readonly rig: SshdRig
  /** Runs a body on `h1` … as root. `onEvent` sees each event as it comes. */
  run(body: string, onEvent?: TsplayOptions['onEvent']): Promise<TsplayEnd>
}

/** Hosts of one rig whose links pass through this process, and the command line over them. */
export async function scene(count: number): Promise<Scene> {
  await using stack = new CleanUp()
  const rig = stack.use(await sshdRig({ hosts: count, link: true }))
  const folder = stack.use(await temporaryFolder({ 'hosts.yaml': rig.inventoryYaml() }))
  const cleanUp = stack.move()
  return {
    rig,
    async run(body, onEvent) {
      const text = `site.play('One', { hosts: 'rig', become: true }, async (host) => {\n${body}\n})`
      await folder.write('site.ts', playbookText(text, rig.folder))
      return tsplay(['run', 'site.ts', '--no-type-check', '--output', 'json'], {
        cwd: folder.path,
        home: rig.clientHome,
        ...(onEvent === undefined ? {} : { onEvent }),
      })
    },
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

/** How each host's body ended, and what was said of it. */
export function ends({ events }: TsplayEnd): Record<string, string> {
  const found: Record<string, string> = {}
  for (const event of events) {
    if (event.type !== 'host-finished') continue
    const { error } = event
    found[event.host] = [event.status, ...(error ? [error.code, error.message, error.stderr, error.hint] : [])].join(
      ' | ',
    )
  }
  return found
}
