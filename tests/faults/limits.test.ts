import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { running, uniqueSeconds } from '../helpers/processes.ts'
import { assert, suite } from '../helpers/suite.ts'
import { ends, scene } from './scene.ts'

const shell = promisify(execFile)

suite(
  'hosts and commands at their limits',
  (test) => {
    test('a full disk fails an upload of any size, leaves the old file whole and nothing half-written', async () => {
      await using at = await scene(3)
      const disk = `${at.rig.folder}/disk`
      await mkdir(disk)
      await shell('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
      try {
        await writeFile(`${disk}/small`, 'old')
        await writeFile(`${disk}/large`, 'old')
        await writeFile(`${disk}/ballast`, Buffer.alloc(200_000))
        const end =
          await at.run(`const [name, size] = { h1: ['small', 60_000], h2: ['large', 5_000_000], h3: ['../fine', 5_000_000] }[host.name]!
await host.ensure(file({ path: folder + '/disk/' + name, content: 'x'.repeat(size) }))`)
        assert.is(end.code, 1, end.stderr)
        const { h1, h2, h3 } = ends(end)
        assert.match(h1 ?? '', /^failed.*No space left on device/s)
        assert.match(h2 ?? '', /^failed.*No space left on device/s)
        assert.is(h3, 'ok')
        assert.is(await readFile(`${disk}/small`, 'utf8'), 'old')
        assert.is(await readFile(`${disk}/large`, 'utf8'), 'old')
        assert.equal((await readdir(disk)).toSorted(), ['ballast', 'large', 'small'])
        assert.is((await stat(`${at.rig.folder}/fine`)).size, 5_000_000)
      } finally {
        await shell('umount', [disk])
      }
    })
    test('a command that never ends is killed with its children at its limit, and the host goes on', async () => {
      await using at = await scene(2)
      const seconds = uniqueSeconds()
      const end = await at.run(`if (host.name === 'h1') {
  await host.command({ everyTime: true, timeoutMs: 1000 })\`trap "" TERM; sleep ${seconds} & sleep ${seconds}\`.catch((error) => host.log(error.message))
}
await host.command({ everyTime: true })\`true\``)
      assert.is(end.code, 0, end.stderr)
      assert.match(end.stdout, /took longer than 1 s|took more than 1 s|within 1 s|limit of 1 s/)
      assert.is(await running('sleep', seconds), 0)
    })
    test('100 MB of output, and bytes that are no text, are taken in', async () => {
      await using at = await scene(2)
      const end = await at.run(`if (host.name === 'h1') {
  await host.command({ everyTime: true })\`head -c 100000000 /dev/zero | tr '\\\\0' 'y' | fold -w 100\`
} else {
  const { stdout } = await host.read\`printf 'a\\\\000b\\\\377\\\\033[2Jc\\\\r\\\\n'; head -c 100000 /dev/urandom >&2\`
  host.log(String(stdout.length > 4))
}`)
      assert.is(end.code, 0, end.stderr + JSON.stringify(ends(end)))
      assert.equal(ends(end), { h1: 'ok', h2: 'ok' })
    })
    test('a file that is a mount of its own, as /etc/hosts in containers, is changed in place', async () => {
      await using at = await scene(1)
      const hosts = `${at.rig.folder}/hosts`
      await writeFile(`${at.rig.folder}/source`, '127.0.0.1 localhost\n')
      await writeFile(hosts, '')
      await shell('mount', ['--bind', `${at.rig.folder}/source`, hosts])
      try {
        const body = `const { line } = await import('tsplay/tasks')
await host.ensure(line({ path: folder + '/hosts', line: '192.0.2.10 registry.example' }))`
        const end = await at.run(body)
        assert.equal(ends(end), { h1: 'ok' })
        const wanted = '127.0.0.1 localhost\n192.0.2.10 registry.example\n'
        assert.is(await readFile(hosts, 'utf8'), wanted)
        assert.is(await readFile(`${at.rig.folder}/source`, 'utf8'), wanted, 'it is still the same mount')
        const again = await at.run(body)
        const last = again.events.at(-1)
        assert.is(last?.type === 'run-finished' ? last.recap['h1']?.changed : undefined, 0)
        assert.equal(
          (await readdir(at.rig.folder)).filter((name) => name.startsWith('.')),
          [],
        )
      } finally {
        await shell('umount', [hosts])
      }
    })
  },
  60_000,
)
