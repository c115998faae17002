import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { loadModule } from '../../runner/cli/load-module.ts'
import { loadPlaybook } from '../../runner/cli/load-playbook.ts'
import { createConnector } from '../../runner/engine/connector.ts'
import type { Event } from '../../runner/engine/events.ts'
import { checkPlayVars } from '../../runner/engine/play/vars.ts'
import { runPlaybook } from '../../runner/engine/run.ts'
import { Stop } from '../../runner/engine/stop.ts'
import type { Session } from '../../runner/session/session.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { assert } from '../helpers/suite.ts'
import type { Stage } from './stage.ts'

export interface Counted {
  /** By host: operations that changed something. */
  readonly changed: ReadonlyMap<string, number>
  /** By host: round trips of all its sessions, the opening of each left out. */
  readonly roundTrips: ReadonlyMap<string, number>
}

/** Runs the main job in this process, where its sessions can be looked at. */
export async function countedRun(at: Stage): Promise<Counted> {
  const playbook = await loadPlaybook(at.site)
  const inventory = await loadInventory(['hosts.yaml'], { cwd: at.folder, importModule: loadModule })
  const targets = new Map([...at.rig.targets, ...at.lab.targets].map((target) => [target.name, target]))
  const events: Event[] = []
  const emit = (event: Event) => void events.push(event)
  const stop = new Stop()
  const targetOf = (host: string) => targets.get(host) ?? { name: host }
  const connector = createConnector({ dialer: createDialer(), targetOf, emit })
  const opened = new Map<Session, { host: string; before: number }>()
  const { status } = await runPlaybook({
    playbook,
    file: at.site,
    inventory,
    varsOf: await checkPlayVars(playbook, inventory, (pattern) => selectHosts(inventory, pattern)),
    check: false,
    forks: 50,
    user: 'test',
    connector: {
      ...connector,
      async session(host, become) {
        const session = await connector.session(host, become)
        if (!opened.has(session)) opened.set(session, { host, before: session.roundTrips })
        return session
      },
    },
    emit,
    stop,
    runId: 'test',
    command: [],
  })
  assert.is(status, 'ok', JSON.stringify(events.find((event) => 'error' in event && event.error)))
  const roundTrips = new Map<string, number>()
  for (const [session, { host, before }] of opened) {
    roundTrips.set(host, (roundTrips.get(host) ?? 0) + session.roundTrips - before)
  }
  const changed = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'operation-finished' || event.status !== 'changed') continue
    changed.set(event.host, (changed.get(event.host) ?? 0) + 1)
  }
  return { changed, roundTrips }
}
