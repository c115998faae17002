import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { createConnector } from '../../runner/engine/connector.ts'
import type { Event } from '../../runner/engine/events.ts'
import { checkPlayVars } from '../../runner/engine/play/vars.ts'
import { runPlaybook } from '../../runner/engine/run.ts'
import { Stop } from '../../runner/engine/stop.ts'
import { isPlaybook, playbook } from '../../runner/model/playbook.ts'
import { createDialer } from '../../runner/transport/dial.ts'
import { directory, file } from '../../tasks/index.ts'
import { eventually } from '../helpers/processes.ts'
import { type SshdRig, sshdRig } from '../helpers/sshd.ts'
import { assert, suite } from '../helpers/suite.ts'

const count = 200

/** What keeps this process alive, beside timers, which the test command has as well. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== 'Timeout' && kind !== 'Immediate')
    .toSorted()

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

/** Arguments of all processes of this machine that belong to a user. */
async function processesOf(user: string): Promise<string[]> {
  const uid = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
    ?.split(':')[2]
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      if (!new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(status)) return []
      return [(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')]
    }),
  )
  return found.flat()
}

async function runOnAll(rig: SshdRig): Promise<{ events: Event[]; status: string; changed: number }> {
  const site = playbook('scale')
  site.play('Everywhere', { hosts: 'all' }, async (host) => {
    const folder = join(rig.home, host.name)
    await host.ensure(directory({ path: folder }))
    await host.ensure(file({ path: `${folder}/name`, content: `${host.name}\n` }))
    assert.is(await host.read`cat ${folder}/name`.text(), host.name)
  })
  if (!isPlaybook(site)) throw new Error('no playbook')
  const source = join(rig.clientHome, 'hosts.yaml')
  await writeFile(source, rig.inventoryYaml())
  const inventory = await loadInventory([source], {
    extraVars: {},
    cwd: rig.clientHome,
    importModule: () => Promise.reject(new Error('none')),
  })
  const events: Event[] = []
  const emit = (event: Event) => void events.push(event)
  const targets = new Map(rig.targets.map((target) => [target.name, target]))
  const stop = new Stop()
  const finished = await runPlaybook({
    playbook: site,
    file: 'scale.ts',
    inventory,
    varsOf: await checkPlayVars(site, inventory, (pattern) => selectHosts(inventory, pattern)),
    check: false,
    forks: count,
    user: 'test',
    connector: createConnector({
      dialer: createDialer({ home: rig.clientHome }),
      targetOf: (name) => targets.get(name) ?? { name },
      emit,
      signal: stop.abort,
    }),
    emit,
    stop,
    runId: 'scale',
    command: ['tsplay'],
  })
  const changed = Object.values(finished.recap).reduce((sum, host) => sum + host.changed, 0)
  return { events, status: finished.status, changed }
}

suite(
  'a run on 200 hosts at once',
  (test) => {
    test('ends well twice, the second time unchanged, and leaves no process, socket, timer, listener or warning', async () => {
      const warnings: string[] = []
      const onWarning = (warning: Error) => void warnings.push(warning.message)
      process.on('warning', onWarning)
      const before = { resources: resources(), timers: timers(), names: process.eventNames().length }
      {
        await using rig = await sshdRig({ hosts: count })
        await mkdir(rig.home, { recursive: true })
        for (const changed of [2 * count, 0]) {
          const run = await runOnAll(rig)
          const failures = run.events.filter((event) => event.type === 'host-finished' && event.status !== 'ok')
          assert.equal(failures, [])
          assert.equal([run.status, run.changed], ['ok', changed])
          assert.ok(await eventually(() => rig.hosts.every((host) => host.open === 0), 20_000), 'sshd goes on')
          await eventually(async () => (await processesOf(rig.user)).length === 0, 10_000)
          assert.equal(await processesOf(rig.user), [])
        }
      }
      await sleep(100)
      assert.equal(resources(), before.resources)
      assert.ok(timers() <= before.timers, `${timers()} timers, ${before.timers} before`)
      assert.is(process.eventNames().length, before.names)
      assert.equal(warnings, [])
      process.off('warning', onWarning)
    })
  },
  300_000,
)
