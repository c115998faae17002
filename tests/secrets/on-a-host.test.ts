import { join } from 'node:path'
import { assert, suite } from '../helpers/suite.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { tsplay } from '../helpers/tsplay.ts'
import { type LabHost, labHosts } from '../lab/lab.ts'
import { formsOf, found } from './forms.ts'
import { secrets, site, varsOfSecrets } from './playbook.ts'
import { watchProcesses } from './process-watch.ts'
import { textsBelow } from './texts-below.ts'

/** What `ops` of a lab host has to give to sudo. */
const becomePassword = 'ops-secret'

const up = (letter: string, by: number) => String.fromCharCode(letter.charCodeAt(0) + by)

/** Files of the host that hold a secret in any form; its own programs and those of its boot aside. */
async function holding(host: LabHost, searched: readonly string[]): Promise<string[]> {
  // Hidden in the command: another test may be looking at the processes of this machine for the same secrets.
  const patterns = Buffer.from(searched.flatMap(formsOf).join('\n')).toString('base64')
  const turned = patterns.replaceAll(/[a-z]/gi, (letter) => (/[a-m]/i.test(letter) ? up(letter, 13) : up(letter, -13)))
  const folders = '/etc /home /opt /root /run /srv /tmp /var'
  const names = await host.inside(
    `printf %s ${turned} | tr A-Za-z N-ZA-Mn-za-m | base64 -d | grep -rlaF -D skip -f - ${folders} 2>/dev/null || true`,
  )
  return names
    .split('\n')
    .filter((name) => name !== '')
    .toSorted()
}

suite(
  'what a run leaves on a host with sudo, systemd and sshd',
  (test) => {
    test('holds no secret outside the files where they were put: not in its journal, its logs of sudo and sshd, or its processes', async () => {
      await using lab = await labHosts(1, { user: 'ops' })
      const host = lab.hosts[0] as LabHost
      await using made = await temporaryFolder({
        'site.ts': site,
        'hosts.yaml': `${lab.inventoryYaml()}        ansible_become_password: !command cat secrets/become\n${varsOfSecrets.replaceAll(/^/gm, '    ').trimEnd()}\n`,
        'secrets/become': becomePassword,
        'secrets/command': secrets.command,
        'secrets/token': secrets.token,
      })
      const run = async (password: string) => {
        await made.write('secrets/password', password)
        const args = ['run', 'site.ts', '-i', 'hosts.yaml', '--no-type-check', '--diff', '-vv']
        return tsplay(args, { cwd: made.path, home: lab.clientHome, env: { APP_ENV: secrets.env } })
      }
      const watch = watchProcesses()
      const ends = [await run(secrets.old), await run(secrets.fresh)]
      const processes = await watch.stop()
      for (const { code, stdout, stderr } of ends) assert.is(code, 0, stdout + stderr)

      const all = [...Object.values(secrets), becomePassword]
      const places = new Map([
        ...ends.map(({ stdout, stderr }, i) => [`output of run ${i}`, stdout + stderr] as const),
        ...(await textsBelow(join(made.path, '.tsplay'))),
        ['journal of the host', await host.inside('journalctl --no-pager --all --output=export')] as const,
        ['log of sudo', (await host.sudoCalls()).join('\n')] as const,
      ])
      assert.match(places.get('journal of the host') ?? '', 'sudo', 'the journal tells of sudo')
      assert.match(places.get('log of sudo') ?? '', 'ops', 'sudo tells of who called it')
      assert.equal(found(all, places), [])
      const { env: _, ...others } = secrets
      const seen = new Map(processes.map((text, i) => [`process ${i}: ${text.slice(0, 60)}`, text]))
      assert.equal(found([...Object.values(others), becomePassword], seen), [])
      assert.equal(await holding(host, Object.values(secrets)), ['/etc/app.conf', '/etc/lines', '/etc/token'])
      assert.equal(await holding(host, [secrets.old]), [])
    })
  },
  300_000,
)
