import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as v from 'valibot'
import { Secret } from '../../../runner/model/secret.ts'
import { unknown } from '../../../runner/model/unknown.ts'
import { file } from '../../../tasks/files/file.ts'
import { assert as asserted } from '../../../runner/model/assert.ts'
import { httpRequest } from '../../../tasks/system/http-request.ts'
import { wait, type WaitOptions } from '../../../tasks/system/wait.ts'
import { EngineRig } from '../../helpers/engine-rig.ts'
import { assert, suite } from '../../helpers/suite.ts'

/** Echoes what it is sent, with the status that the path says. */
async function server() {
  const seen: { method: string; body: string; headers: Record<string, unknown> }[] = []
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ method: request.method ?? '', body, headers: request.headers })
      response.writeHead(Number(request.url?.slice(1)) || 200)
      response.end(JSON.stringify({ up: true, body }))
    })
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  return {
    port,
    url: (path: string) => `http://127.0.0.1:${port}/${path}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

const messageOf = (end: { readonly status: string; readonly error?: unknown }) =>
  end.error instanceof Error ? end.error.message : ''

suite(
  'wait',
  (test) => {
    const waits = async (rig: EngineRig, options: WaitOptions) => rig.run((host) => wait(host, options))
    test('is over at once, in one round trip and without a change, where it is so already', async () => {
      await using rig = await EngineRig.make()
      await using there = await server()
      await writeFile(rig.path('f'), 'one\nready: 12\n')
      const { port } = there
      const met: WaitOptions[] = [
        { port },
        { port, host: '127.0.0.1' },
        { port: 1, state: 'closed' },
        { port: 1, host: '127.0.0.1', state: 'closed' },
        { path: rig.path('f') },
        { path: rig.path('f'), contains: 'ready:', matches: '^ready: [0-9]+$' },
        { path: rig.path('g'), state: 'absent' },
        { succeeds: 'test 1 = 1' },
        { url: there.url('204'), status: 204 },
        { url: there.url(''), contains: '"up":true' },
      ]
      for (const options of met) {
        const { end, statuses, roundTrips } = await waits(rig, options)
        assert.is(end.status, 'ok', `${JSON.stringify(options)}: ${messageOf(end)}`)
        assert.equal([statuses, roundTrips], [['read ok'], 1])
      }
    })
    test('says what it last saw when its limit is over', async () => {
      await using rig = await EngineRig.make()
      await using there = await server()
      await writeFile(rig.path('f'), 'one\nnot yet\n')
      const limitMs = 1
      const unmet: readonly [WaitOptions, RegExp][] = [
        [{ port: 1, limitMs }, /waited 1 s for port 1; last seen: nothing listens there/],
        [{ port: there.port, state: 'closed', limitMs }, /for port \d+ to close; last seen: something listens there/],
        [{ port: 1, host: '127.0.0.1', limitMs }, /for port 1 of 127\.0\.0\.1; last seen: .*refused/i],
        [{ path: rig.path('g'), limitMs }, /g; last seen: it is not there/],
        [{ path: rig.path('f'), state: 'absent', limitMs }, /f to go; last seen: it is there/],
        [
          { path: rig.path('f'), contains: 'ready', limitMs },
          /last seen: it does not hold that: its last line is not yet/,
        ],
        [{ succeeds: 'echo so so; exit 3', limitMs }, /last seen: exit code 3: so so/],
        [{ url: there.url('503'), limitMs }, /503; last seen: status 503/],
        [{ url: there.url(''), contains: 'no such', limitMs }, /last seen: status 200, \{"up":true/],
      ]
      for (const [options, message] of unmet) assert.match(messageOf((await waits(rig, options)).end), message)
    })
    test('goes on as soon as it is so', async () => {
      await using rig = await EngineRig.make()
      const waiting = waits(rig, { path: rig.path('f') })
      await writeFile(rig.path('f'), '')
      assert.is((await waiting).end.status, 'ok')
    })
    test('waits for nothing in check mode, and ends no prediction', async () => {
      await using rig = await EngineRig.make()
      const { end, statuses } = await rig.check(async (host) => {
        await wait(host, { port: 1 })
        await wait(host, { path: unknown<string>('made later') })
        await host.ensure(file({ path: rig.path('f'), content: 'x' }))
      })
      assert.is(end.status, 'ok', messageOf(end))
      assert.is(statuses.at(-1), 'file changed')
    })
    test('refuses what can not come about', async () => {
      await using rig = await EngineRig.make()
      assert.match(messageOf((await waits(rig, { port: 70_000 })).end), /a port is 1 to 65535/)
      assert.match(messageOf((await waits(rig, { path: 'x' })).end), /path has to be absolute/)
    })
  },
  60_000,
)

suite(
  'httpRequest',
  (test) => {
    test('gives status, body, and JSON by a schema', async () => {
      await using rig = await EngineRig.make()
      await using there = await server()
      const { end, statuses } = await rig.run(async (host) => {
        const answer = await httpRequest(host, { url: there.url('201') })
        assert.is(answer.status, 201)
        assert.equal(await answer.json(v.object({ up: v.boolean() })), { up: true })
        await answer.json(v.object({ up: v.string() }))
      })
      assert.match(messageOf(end), /JSON of another shape: up: /)
      assert.equal(statuses, ['read ok'])
    })
    test('sends headers and bodies exactly, secrets too, and none of it as an argument', async () => {
      await using rig = await EngineRig.make()
      await using there = await server()
      const text = 'quotes " \\ and\n\ttabs, $(id) 世界'
      const { end, events, statuses } = await rig.run(async (host) => {
        await httpRequest(host, { url: there.url(''), body: text, headers: { 'X-Key': new Secret('hunter2hunter2') } })
        await httpRequest(host, { url: there.url(''), method: 'PUT', body: { a: [text] } })
      })
      assert.is(end.status, 'ok', messageOf(end))
      assert.equal(
        there.seen.map(({ method, body }) => [method, body]),
        [
          ['POST', text],
          ['PUT', JSON.stringify({ a: [text] })],
        ],
      )
      assert.is(there.seen[0]?.headers['x-key'], 'hunter2hunter2')
      assert.is(there.seen[1]?.headers['content-type'], 'application/json')
      assert.not.match(JSON.stringify(events), /hunter2|tabs, \$\(id\)" *-/)
      assert.equal(statuses, ['command changed', 'command changed'])
    })
    test('fails with a status that is not expected, and with no answer', async () => {
      await using rig = await EngineRig.make()
      await using there = await server()
      const ask = async (url: string) => messageOf((await rig.run((host) => httpRequest(host, { url }))).end)
      assert.match(await ask(there.url('500')), /the answer has the status 500: \{"up":true/)
      assert.match(await ask('http://127.0.0.1:1/'), /ended with 7/)
    })
    test('asks in check mode, and changes nothing there', async () => {
      await using rig = await EngineRig.make()
      await using there = await server()
      const { end, statuses } = await rig.check(async (host) => {
        assert.is((await httpRequest(host, { url: there.url('') })).status, 200)
        const answer = await httpRequest(host, { url: there.url(''), body: 'x' })
        await host.ensure(file({ path: rig.path('f'), content: 'x' }))
        asserted(answer.status === 200, 'never reached')
      })
      assert.equal(
        there.seen.map(({ method }) => method),
        ['GET'],
      )
      assert.equal(statuses, ['read ok', 'command changed', 'file may'])
      assert.is(end.status, 'predicted', messageOf(end))
    })
  },
  60_000,
)

suite('assert', (test) => {
  test('ends a body with its message, and lets TypeScript know', async () => {
    await using rig = await EngineRig.make()
    const { end } = await rig.run(async (host) => {
      const facts: { cpus?: number } = { cpus: (await host.facts).cpus }
      asserted(facts.cpus !== undefined, 'no processors')
      asserted(facts.cpus.toFixed() === 'many', `${host.name} has too few processors`)
    })
    assert.match(messageOf(end), /^here has too few processors/)
  })
  test('ends a prediction where the condition is not known, which is no failure', async () => {
    await using rig = await EngineRig.make()
    const { end } = await rig.check(async () => asserted(unknown<boolean>('made later'), 'never told'))
    assert.is(end.status, 'predicted', messageOf(end))
  })
})
