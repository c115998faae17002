import { connect } from '../../../../runner/connect.ts'
import { nftables } from '../../../../tasks/system/firewall/nftables.ts'
import { assert, suite } from '../../../helpers/suite.ts'
import { type LabHost, labHosts } from '../../../lab/lab.ts'

const rules = (...lines: readonly string[]) =>
  `chain input {\n  type filter hook input priority filter; policy drop;\n  ${lines.join('\n  ')}\n}\n`

/** As deploy, who becomes root by sudo: a new connection each time. */
async function ensure({ target }: LabHost, content: string, check = false): Promise<boolean | Error> {
  await using host = await connect(`deploy@${target.address}`, { ...target, become: true, check })
  try {
    return (await host.ensure(nftables({ name: 'web', content }))).changed
  } catch (error) {
    return error as Error
  }
}

suite(
  'a firewall on a host that is reached by SSH',
  (test) => {
    test('is refused where it would cut off the connection in use, and made where it lets it in', async () => {
      await using lab = await labHosts(1)
      const host = lab.hosts[0] as LabHost
      await host.inside(`apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends nftables >/dev/null 2>&1 </dev/null`)
      const shut = rules('ct state established,related accept', 'tcp dport 80 accept')
      for (const check of [true, false]) {
        assert.match(String(await ensure(host, shut, check)), /cut off SSH from \S+ to port 22/)
      }
      assert.is(await host.inside('nft list tables; ls /etc/nftables.d 2>/dev/null || true'), '')
      assert.match(String(await ensure(host, rules('tcp dport 22 accept', 'iif eth7 accept'))), /line 4:.*Interface/)

      const open = rules('ct state established,related accept', 'tcp dport 22 accept')
      assert.is(await ensure(host, open), true)
      assert.is(await ensure(host, open), false)
      // What a boot does.
      await host.inside('systemctl restart nftables')
      assert.is(await ensure(host, open), false)
    })
  },
  { timeoutMs: 300_000 },
)
