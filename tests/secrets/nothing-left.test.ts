import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { found } from './forms.ts'
import { watchProcesses } from './process-watch.ts'

/** Characters that each of the forms escapes in its own way; long enough not to be met by chance. */
const secrets = {
  old: 'old "pass" & é/wörd?1',
  fresh: "new 'pass' + ü\\wörd%2",
  env: 'env secret <&> "3"',
  command: 'command secret $HOME ~4',
  token: 'plain-token-5-0123456789',
}

const site = `import { playbook, secret } from 'tsplay'
import { file, line } from 'tsplay/tasks'
const site = playbook('site')
site.play('Use secrets', { hosts: 'all', become: true }, async (host) => {
  const { password, from_env, from_command, token } = host.vars
  await host.ensure(file({ path: '/etc/app.conf', mode: '0600', content: secret\`password=\${password}\\nenv=\${from_env}\\n\` }))
  await host.ensure(file({ path: '/etc/token', mode: '0600', content: token }))
  await host.ensure(file({ path: '/etc/lines', mode: '0600', content: 'first\\n' }))
  await host.ensure(line({ path: '/etc/lines', line: secret\`token=\${token}\` }))
  await host.command({ everyTime: true, stdin: from_command })\`sh -c 'sleep 0.5; cat; base64 /etc/app.conf; cat /etc/app.conf /etc/token >&2'\`
  await host.read\`cat /etc/token\`
  try {
    await host.command({ everyTime: true })\`sh -c 'cat /etc/app.conf /etc/token; cat /etc/token >&2; exit 3'\`
  } catch (error) {
    host.log(String(error))
  }
})
export default site
`

const hosts = `all:
  vars:
    password: !command cat secrets/password
    from_env: !env APP_ENV
    from_command: !command cat secrets/command
    token: !command cat secrets/token
`

async function textsBelow(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8').catch(() => '')] as const)),
  )
}

suite(
  'what a run leaves behind',
  (test) => {
    for (const output of ['lines', 'json'] as const) {
      test(`holds no secret, old or new, in any form, with the output ${output} and all that it can show`, async () => {
        await using made = await temporaryFolder({
          'site.ts': site,
          'hosts.yaml': hosts,
          'secrets/command': secrets.command,
          'secrets/token': secrets.token,
        })
        const run = async (password: string, ...more: readonly string[]) => {
          await made.write('secrets/password', password)
          return tsplay(
            [
              'run',
              'site.ts',
              '-i',
              'sandbox:1',
              '-i',
              'hosts.yaml',
              '--no-type-check',
              '--diff',
              '-vv',
              '--output',
              output,
              ...more,
            ],
            { cwd: made.path, home: made.path, env: { APP_ENV: secrets.env } },
          )
        }
        const watch = watchProcesses()
        const ends = [await run(secrets.old), await run(secrets.fresh, '--check'), await run(secrets.fresh)]
        const processes = await watch.stop()
        for (const { code, stdout, stderr } of ends) assert.is(code, 0, stdout + stderr)
        const records = await textsBelow(join(made.path, '.tsplay'))
        assert.ok(records.size >= 3, 'there is a journal of each run')
        assert.ok(
          processes.some((text) => text.includes('sleep')),
          'the processes of hosts are among those seen',
        )
        const places = new Map([
          ...ends.flatMap(({ stdout, stderr }, i): [string, string][] => [
            [`stdout of run ${i}`, stdout],
            [`stderr of run ${i}`, stderr],
          ]),
          ...records,
        ])
        assert.equal(found(Object.values(secrets), places), [])
        // One that is taken from the environment is in the environment: of tsplay, and of what it starts on its own side.
        const { env: _, ...others } = secrets
        const seen = new Map(processes.map((text, i) => [`process ${i}: ${text.slice(0, 60)}`, text]))
        assert.equal(found(Object.values(others), seen), [])
        // On the hosts they are where they were put, and nowhere else.
        const kept = await textsBelow(join(made.path, '.cache'))
        const holding = found(Object.values(secrets), kept).map(
          (place) => /\/etc\/[\w.]+(?=:)/.exec(place)?.[0] ?? place,
        )
        assert.equal([...new Set(holding)].toSorted(), ['/etc/app.conf', '/etc/lines', '/etc/token'])
        assert.equal(found([secrets.old], kept), [])
      })
    }

    test('this test sees a secret in each of its forms', () => {
      const text = 'a "b" & é'
      const coded = Buffer.from(`xx${text}yy`).toString('base64')
      for (const form of [
        text,
        coded,
        encodeURIComponent(text),
        JSON.stringify(text),
        Buffer.from(text).toString('hex'),
      ])
        assert.ok(found([text], new Map([['place', `before ${form} after`]])).length > 0, form)
    })
  },
  180_000,
)
