import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rawGets, sections } from '../../../tasks/kubernetes/kubectl.ts'
import { assert, suite } from '../../helpers/suite.ts'

const run = promisify(execFile)

/** What is printed for the path /a where kubectl gives these answers one after another, and how often it was asked. */
async function asked(
  ...answers: readonly string[]
): Promise<{ readonly answer: string | undefined; readonly times: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'tsplay-kubectl-'))
  try {
    for (const [i, answer] of answers.entries()) await writeFile(join(folder, `answer-${i}`), answer)
    const program = `#!/bin/sh\ni=$(cat ${folder}/count 2>/dev/null||echo 0)\necho $((i+1)) >${folder}/count\ncat ${folder}/answer-$i\n`
    await writeFile(join(folder, 'kubectl'), program, { mode: 0o755 })
    await writeFile(join(folder, 'sleep'), '#!/bin/sh\n', { mode: 0o755 })
    const script = rawGets('admin.conf', { a: '/a' }).replaceAll('/run/', `${folder}/`)
    const { stdout } = await run('sh', ['-c', `PATH=${folder}:$PATH\n${script}`])
    return { answer: sections(stdout).get('a'), times: Number(await readFile(join(folder, 'count'), 'utf8')) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

suite('questions to the API', (test) => {
  const slow = 'Unable to connect to the server: net/http: TLS handshake timeout'

  test('an answer is taken as it is, and asked for once', async () => {
    assert.equal(await asked('{"kind":"Node","text":"a\\\\nb"}\n'), {
      answer: '{"kind":"Node","text":"a\\\\nb"}',
      times: 1,
    })
    const refused = 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?'
    assert.equal(await asked(refused), { answer: refused, times: 1 })
  })

  test('an API server that is too slow to answer is asked three times', async () => {
    assert.equal(await asked(slow, slow, '{}'), { answer: '{}', times: 3 })
    assert.equal(await asked(slow, slow, slow), { answer: slow, times: 3 })
  })
})
