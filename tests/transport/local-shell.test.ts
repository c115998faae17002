import { localShell } from '../../runner/transport/local-shell.ts'
import { assert, suite } from '../helpers/suite.ts'

suite("the control machine's own shell", (test) => {
  test('quotes values and gives what was printed', async () => {
    const $ = await localShell()
    const value = `it's; rm $HOME`
    assert.is((await $`printf %s ${value}`).stdout, value)
  })

  test('rejects with the exit code of a failure', async () => {
    const $ = await localShell()
    const code = await $`exit 3`.then(
      () => 0,
      (failed) => failed.exitCode,
    )
    assert.is(code, 3)
  })
})
