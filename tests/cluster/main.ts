/**
 * `npm run test:cluster [-- KILLS]`: a real cluster on lab hosts, through the public command line: planned, made, left
 * alone, refused, taken away, and cut in the middle KILLS times in each way (@default 2). Takes about ten minutes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, suite } from '../helpers/suite.ts'
import { labProblem } from '../lab/folder.ts'
import { kubernetesProblem } from '../lab/kubernetes/folder.ts'
import { apiRequests, countApiRequests, podsReachEachOther, readyNodes } from './cluster.ts'
import { agreement } from './prediction.ts'
import { ClusterRig, type Finished, reset, site } from './rig.ts'
import { assertSame, filesOf, tracesOf } from './snapshot.ts'

const kills = Number(process.argv[2] ?? 2)
const problem = (await labProblem()) ?? kubernetesProblem()
if (problem !== undefined) console.log(`The cluster tests are left out: ${problem}.`)
const rig = problem === undefined ? await ClusterRig.make(3) : undefined

function need(): ClusterRig {
  if (rig === undefined) throw new Error('there are no lab hosts')
  return rig
}

const succeeded = ({ code, output }: Finished) => assert.is(code, 0, output.slice(-4000))
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const pinIn = (text: string) => /the cluster is (sha256:[0-9a-f]{64})/.exec(text)?.[1] ?? ''
let pin = ''
const good = async () => {
  const it = need()
  return it.inventory({ controlPlane: it.host(0), workers: [it.host(1)] })
}

suite(
  'cluster',
  (test) => {
    test('A plan on blank hosts runs to its end, writes nothing, and says what the run then makes', async () => {
      const it = need()
      const hosts = [it.host(0), it.host(1)]
      const before = await Promise.all(hosts.map(filesOf))
      const plan = await it.run('plan', site, '-i', await good())
      succeeded(plan)
      assert.not.match(plan.output, 'not predicted further')
      const after = await Promise.all(hosts.map(filesOf))
      for (const [i, list] of before.entries()) assertSame(list, after[i] ?? [], `the plan wrote on host ${i}`)
      const run = await it.run('run', site, '-i', await good())
      succeeded(run)
      pin = pinIn(run.output)
      const said = agreement(plan.events, run.events)
      console.log(`  predicted: ${said.certain} certain, ${said.may} may`)
      assert.equal(said.notMade, [])
      assert.equal(said.unforeseen, [])
      assert.ok(said.may <= 0.1 * (said.certain + said.may), 'more than a tenth is may')
      const own = run.events
        .filter((event) => event.type === 'operation-finished' && ['control-plane', 'worker'].includes(event.kind))
        .reduce((sum, event) => sum + (event.type === 'operation-finished' ? event.durationMs : 0), 0)
      console.log(`  site.ts from blank: ${seconds(run.durationMs)}, of which kubeadm ${seconds(own)}`)
      assert.equal(await readyNodes(it.host(0)), 2)
      await podsReachEachOther(it.host(0), [it.host(0).name, it.host(1).name])
    })

    test('A second run changes nothing, and asks the API at most ten times', async () => {
      const it = need()
      await countApiRequests([it.host(0), it.host(1)])
      const again = await it.run('run', site, '-i', await good())
      succeeded(again)
      const requests = await apiRequests([it.host(0), it.host(1)])
      const connects = again.events.flatMap((event) => (event.type === 'host-connected' ? [event.durationMs] : []))
      console.log(
        `  again: ${seconds(again.durationMs)}, ${requests} requests, connects of ${connects.join(' and ')} ms`,
      )
      assert.match(again.output, '0 changed')
      assert.not.match(again.output, /changed=[1-9]/)
      assert.ok(requests > 0 && requests <= 10, `${requests} requests`)
    })

    test('A blank machine in the place of the control plane is refused before anything is written', async () => {
      const it = need()
      const hosts = [it.host(1), it.host(2)]
      const before = await filesOf(it.host(2))
      const wrong = await it.inventory({ controlPlane: it.host(2), workers: [it.host(1)] })
      const refused = await it.run('run', site, '-i', wrong)
      assert.is(refused.code, 1)
      assert.match(refused.output, `still holds the cluster ${pin}`)
      assertSame(before, await filesOf(it.host(2)), 'the refused run wrote')
      assert.is(hosts.length, 2)
    })

    test("Pod addresses that overlap a host's network are refused before anything is written, with a free range", async () => {
      const it = need()
      const before = await filesOf(it.host(2))
      const vars = { podSubnet: '10.67.0.0/16' }
      const refused = await it.run(
        'run',
        site,
        '-i',
        await it.inventory({ controlPlane: it.host(2), workers: [], vars }),
      )
      assert.is(refused.code, 1)
      assert.match(
        refused.output,
        /podSubnet 10\.67\.0\.0\/16 overlaps 10\.67\.0\.\d+\/24 of .*; 10\.244\.0\.0\/16 is free/,
      )
      assertSame(before, await filesOf(it.host(2)), 'the refused run wrote')
    })

    test("A reset wants the cluster's pin, and leaves what is not Kubernetes'", async () => {
      const it = need()
      const worker = it.host(1)
      const unconfirmed = await it.run('run', reset, '-i', await good())
      assert.is(unconfirmed.code, 1)
      assert.match(unconfirmed.output, 'the reset is not confirmed')
      assert.equal(await readyNodes(it.host(0)), 2)
      const blank = await tracesOf(it.host(2))
      await worker.inside(
        'iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT; iptables -P INPUT DROP; iptables -t nat -A PREROUTING -p tcp --dport 8888 -j REDIRECT --to-ports 22',
      )
      succeeded(await it.run('run', reset, '-i', await good(), '-e', `confirm=${pin}`))
      succeeded(await it.run('ping', 'all', '-i', await good()))
      const { rules, ...rest } = await tracesOf(worker)
      assert.equal(
        rules,
        [
          'iptables :INPUT DROP',
          'iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
          'iptables -A INPUT -m state --state ESTABLISHED -j ACCEPT',
          'iptables -A PREROUTING -p tcp -m tcp --dport 8888 -j REDIRECT --to-ports 22',
        ].toSorted((a, b) => rules.indexOf(a) - rules.indexOf(b)),
      )
      const { routes: _, rules: __, ...expected } = blank
      const { routes, ...found } = rest
      assert.equal(found, expected)
      assert.is(routes.length, blank.routes.length)
      const first = await tracesOf(it.host(0))
      assert.equal({ ...first, routes: first.routes.length }, { ...blank, routes: blank.routes.length })
      await worker.inside('iptables -P INPUT ACCEPT; iptables -F INPUT; iptables -t nat -F PREROUTING')
      const again = await it.run('run', reset, '-i', await good())
      succeeded(again)
      assert.not.match(again.output, /changed=[1-9]/)
    })

    for (const how of ['controller killed', 'link cut'] as const) {
      for (let point = 0; point < kills; point++) {
        test(`Cut during init and join (${how}, point ${point + 1} of ${kills}), the next run ends in the same cluster`, async () => {
          const it = need()
          const inventory = await good()
          const cut = async (host: number, pattern: RegExp, delayMs: number) => {
            const run = it.start('run', site, '-i', inventory, '-v')
            await run.said(pattern)
            await sleep(delayMs)
            if (how === 'controller killed') run.child.kill('SIGKILL')
            else await it.host(host).inside(`pkill -KILL -f '^sshd: deploy' || true`)
            return run.finished
          }
          const init = await cut(0, /kubeadm init/, 200 + (point * 22_000) / kills)
          const join = await cut(1, /kubeadm join/, 200 + (point * 8000) / kills)
          const end = await it.run('run', site, '-i', inventory)
          succeeded(end)
          assert.equal(await readyNodes(it.host(0)), 2)
          console.log(`  ${how}: init ${init.code}, join ${join.code}, then ${seconds(end.durationMs)}`)
          assert.not.match((await it.run('run', site, '-i', inventory)).output, /changed=[1-9]/)
          succeeded(await it.run('run', reset, '-i', inventory, '-e', `confirm=${pinIn(end.output)}`))
        })
      }
    }

    test('The lab is taken down', async () => {
      await need()[Symbol.asyncDispose]()
    })
  },
  { timeoutMs: 900_000, skip: problem },
)
