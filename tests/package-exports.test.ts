import * as tsplay from '../runner/index.ts'
import * as testing from '../runner/testing.ts'
import { assert, suite } from './helpers/suite.ts'

suite('the public entry points', (test) => {
  test('export exactly these values from tsplay', () => {
    assert.equal(Object.keys(tsplay).toSorted(), [
      'CommandError',
      'ConnectError',
      'Secret',
      'TsplayError',
      'assert',
      'connect',
      'daemonReload',
      'inventory',
      'inventoryNames',
      'local',
      'localShell',
      'playbook',
      'probe',
      'quote',
      'reload',
      'resource',
      'restart',
      'retry',
      'secret',
      'secretFrom',
      'sh',
      'sha256',
      'task',
      'taskInfo',
      'unknown',
    ])
  })

  test('export exactly these values from tsplay/testing', () => {
    assert.equal(Object.keys(testing).toSorted(), ['startSandbox'])
  })
})
