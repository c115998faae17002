import { assert, suite } from '../helpers/suite.ts'
import { folder } from '../inventory/folder.ts'
import { commandLine } from './command-line.ts'

const counts = (failed: number, unreachable: number) => ({ ok: 1, failed, unreachable })

/** A journal as a run leaves it. */
function journal(mode: 'run' | 'check', recap: Readonly<Record<string, object>> | undefined): string {
  const started = { type: 'run-started', mode, hosts: ['w1', 'w2', 'w3'] }
  const events = [started, { type: 'notice', message: 'x' }, ...(recap ? [{ type: 'run-finished', recap }] : [])]
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

const inventory = { 'hosts.yaml': 'web: { hosts: { w1: , w2: , w3: , "fd00::1": } }\n' }

const hosts = async (limit: string, files: Readonly<Record<string, string>>) => {
  await using made = await folder({ ...inventory, ...files })
  const { stdout, stderr, code } = await commandLine(['list', 'hosts', '-i', 'hosts.yaml', '--limit', limit], made.path)
  return code === 0 ? stdout.trim().split('\n') : [`${code}: ${stderr.trim()}`]
}

suite('--limit', (test) => {
  test('@failed are the hosts that failed or were unreachable in the last run that was no check', async () => {
    const runs = {
      '.tsplay/runs/20260101T000000Z-aaaa/events.ndjson': journal('run', { w1: counts(1, 0) }),
      '.tsplay/runs/20260102T000000Z-aaaa/events.ndjson': journal('run', {
        w1: counts(0, 0),
        w2: counts(1, 0),
        w3: counts(0, 0),
        'fd00::1': counts(0, 1),
      }),
      '.tsplay/runs/20260103T000000Z-aaaa/events.ndjson': journal('check', { w3: counts(1, 0) }),
    }
    assert.equal(await hosts('@failed', runs), ['w2', 'fd00::1'])
    assert.equal(await hosts('@failed,!w2', runs), ['fd00::1'])
    assert.equal(await hosts('web,!@failed', runs), ['w1', 'w3'])
  })

  test('@failed of a run that was cut are all its hosts', async () => {
    const cut = { '.tsplay/runs/20260102T000000Z-aaaa/events.ndjson': journal('run', undefined) }
    assert.equal(await hosts('@failed', cut), ['w1', 'w2', 'w3'])
  })

  test('@failed without a failed host, or without a run, is refused', async () => {
    const fine = { '.tsplay/runs/20260102T000000Z-aaaa/events.ndjson': journal('run', { w1: counts(0, 0) }) }
    assert.match(
      (await hosts('@failed', fine))[0] ?? '',
      /^2: .*no host failed in the last run \(20260102T000000Z-aaaa\)/s,
    )
    assert.match((await hosts('@failed', {}))[0] ?? '', /^2: .*there was no run in this folder/s)
  })

  test('@file is a file of patterns, named from the current folder', async () => {
    const files = { 'some/list.txt': '# some\nw1\n\nw3\n' }
    assert.equal(await hosts('@some/list.txt', files), ['w1', 'w3'])
    assert.equal(await hosts('w2,@some/list.txt', files), ['w2', 'w1', 'w3'])
  })
})
