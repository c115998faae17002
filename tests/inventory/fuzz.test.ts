import { loadInventory } from '../../inventory/load.ts'
import { selectHosts } from '../../inventory/pattern.ts'
import { connectionVars } from '../../inventory/connection.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import { assert, suite } from '../helpers/suite.ts'
import { inventories, patterns } from './ansible-cases.ts'
import { Random } from '../helpers/random.ts'
import { mutated } from './mutation.ts'
import { folder } from './folder.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Runs it; only errors of ours that say INVENTORY may come out. */
async function tried<T>(what: string, body: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof TsplayError && error.code === 'INVENTORY') return undefined
    throw new Error(`${what}: ${String(error)}`, { cause: error })
  }
}

suite(
  'hostile inventories and patterns',
  (test) => {
    test('1200 damaged files either load or are refused in good order', async () => {
      await using files = await folder({})
      const texts = inventories.flatMap((one) => Object.values(one))
      const random = new Random(20_261_123)
      let loaded = 0
      for (let i = 0; i < 1200; i++) {
        const text = mutated(random.pick(texts), random)
        const what = `case ${i}: ${JSON.stringify(text)}`
        await writeFile(join(files.path, 'x.yaml'), text)
        const inventory = await tried(what, () => loadInventory(['x.yaml'], { cwd: files.path }))
        if (!inventory) continue
        loaded++
        assert.is(Object.keys(Object.prototype).length, 0, what)
        for (const host of inventory.hosts.values()) {
          await tried(what, () => connectionVars(host))
          assert.ok(host.groups.includes('all'), what)
        }
      }
      assert.ok(
        loaded > 100 && loaded < 1100,
        `${loaded} of 1200 loaded: the damage is too large or too small to test anything`,
      )
    })

    test('800 damaged patterns either select hosts of the inventory or are refused in good order', async () => {
      await using files = await folder({ 'x.yaml': inventories[0]?.['cluster.yaml'] ?? '' })
      const inventory = await loadInventory(['x.yaml'], { cwd: files.path })
      const random = new Random(42)
      let selected = 0
      for (let i = 0; i < 800; i++) {
        const pattern = mutated(random.pick(patterns), random)
        const hosts = await tried(`case ${i}: ${JSON.stringify(pattern)}`, () => selectHosts(inventory, pattern))
        if (!hosts) continue
        selected++
        assert.is(new Set(hosts).size, hosts.length)
        assert.ok(hosts.every((host) => inventory.hosts.has(host)))
      }
      assert.ok(selected > 80, `only ${selected} of 800 were patterns`)
    })
  },
  30_000,
)
