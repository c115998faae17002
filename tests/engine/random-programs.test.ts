import type { OperationFinished } from '../../runner/engine/events.ts'
import type { Resource } from '../../runner/model/resource.ts'
import { type BodyReport, EngineRig } from '../helpers/engine-rig.ts'
import { Random } from '../helpers/random.ts'
import { assert, suite } from '../helpers/suite.ts'
import { plant, randomProgram, randomTree, snapshot, type Statement } from './random-program.ts'

/** TSPLAY_PROGRAMS=3000 TSPLAY_SEED=17 runs more of them, or one again. */
const programs = Number(process.env['TSPLAY_PROGRAMS'] ?? 60)
const firstSeed = Number(process.env['TSPLAY_SEED'] ?? 1)

const inTurn = (program: readonly Statement[]) => async (host: Parameters<Statement['act']>[0]) => {
  for (const { act } of program) await act(host)
}

/** Neighbouring resources as one list. */
const inLists = (program: readonly Statement[]) => async (host: Parameters<Statement['act']>[0]) => {
  let list: Resource[] = []
  const flush = async () => {
    if (list.length > 0) await host.ensure(list)
    list = []
  }
  for (const { resource, act } of program) {
    if (resource) list.push(resource)
    else {
      await flush()
      await act(host)
    }
  }
  await flush()
}

const line = ({ kind, id, status, changes }: OperationFinished) =>
  `${kind} ${id} ${status} ${changes.map(({ field }) => field).join()}`

/** What is wrong with a prediction, given what was made; `undefined` where nothing is. */
function untrue(predicted: BodyReport, made: BodyReport): string | undefined {
  for (const [i, was] of made.finished.entries()) {
    const said = predicted.finished[i]
    // After its end, a prediction says nothing; where it failed or said `may`, the run may be at its end earlier.
    if (said === undefined) return predicted.end.status === 'predicted' ? undefined : `${line(was)} was not predicted`
    if (said.kind !== was.kind || said.id !== was.id) return `${line(said)}, and it was ${line(was)}`
    // That a script of the user's fails on this tree, nobody can know.
    if (was.status === 'failed' && ['command', 'note', 'bundle', 'flag'].includes(was.kind)) return undefined
    // A link that leads nowhere is only followed when it is written through.
    if (/too many symbolic links|the folder .* does not exist/.test(was.error?.message ?? '')) return undefined
    if (said.status === 'may') {
      if (was.status === 'failed') return undefined
      continue
    }
    if (said.status !== was.status) return `${line(said)} was predicted, and it was ${line(was)}`
    const fields = (of: OperationFinished) =>
      of.changes
        .map(({ field }) => field)
        .toSorted()
        .join()
    if (fields(said) !== fields(was)) return `${line(said)} was predicted, and it was ${line(was)}`
  }
  const further = predicted.finished.slice(made.finished.length).filter(({ status }) => status === 'changed')
  return made.end.status === 'failed' && further[0] && predicted.end.status === 'ok' && !mayFail(predicted, made)
    ? `${line(further[0])} was predicted, and never made`
    : undefined
}

const mayFail = (predicted: BodyReport, made: BodyReport) =>
  predicted.finished[made.finished.length - 1]?.status === 'may'

suite(
  'random programs',
  (test) => {
    test('what is predicted is made, nothing is written by predicting, and lists do as single calls do', async () => {
      await using rig = await EngineRig.make()
      const folder = rig.path('t')
      const wrong: string[] = []
      for (let seed = firstSeed; seed < firstSeed + programs; seed++) {
        const random = new Random(seed)
        const tree = randomTree(random)
        const program = randomProgram(random, folder)
        await plant(folder, tree)
        const before = await snapshot(folder)
        const predicted = await rig.check(inTurn(program))
        const after = await snapshot(folder)
        const made = await rig.run(inTurn(program))
        const result = await snapshot(folder)
        await plant(folder, tree)
        const predictedLists = await rig.check(inLists(program))
        const lists = await rig.run(inLists(program))
        const listed = await snapshot(folder)
        const tell = (what: string) =>
          wrong.push(
            [
              `seed ${seed}: ${what}`,
              ...before,
              '--',
              ...program.map(({ text }) => text),
              '--',
              ...predicted.finished.map((it) => `predicted ${line(it)} ${it.reason ?? ''}${it.error?.message ?? ''}`),
              ...made.finished.map((it) => `made ${line(it)} ${it.error?.message ?? ''}`),
              ...lists.finished.map((it) => `list ${line(it)} ${it.error?.message ?? ''}`),
            ]
              .join('\n  ')
              .replaceAll(`${folder}/`, ''),
          )
        if (before.join() !== after.join()) tell('predicting wrote something')
        const what = untrue(predicted, made)
        if (what !== undefined) tell(what)
        const whatLists = untrue(predictedLists, lists)
        if (whatLists !== undefined) tell(`lists: ${whatLists}`)
        if (result.join('\n') !== listed.join('\n'))
          tell(`a list leads elsewhere: ${listed.join('; ')} for ${result.join('; ')}`)
        else if (made.finished.map(line).join() !== lists.finished.map(line).join()) tell('a list says otherwise')
      }
      assert.is(wrong.length, 0, `${wrong.length} programs\n${wrong.slice(0, 12).join('\n\n')}`)
    })
    test('with what the last run asked read ahead, a program does the same as without, also where the host has drifted', async () => {
      await using asking = await EngineRig.make()
      await using ahead = await EngineRig.make({ readAhead: true })
      const wrong: string[] = []
      let spared = 0
      for (let seed = firstSeed; seed < firstSeed + programs / 2; seed++) {
        const random = new Random(seed)
        const tree = randomTree(random)
        const drifted = random.below(3) === 0 ? tree : randomTree(random)
        const folder = asking.path('t')
        const program = randomProgram(random, folder)
        await plant(folder, tree)
        await ahead.run(inTurn(program))
        // As it was left, or as somebody else has left it since.
        const found = random.below(2) === 0 ? undefined : drifted
        const outcomes: string[] = []
        for (const rig of [asking, ahead]) {
          await plant(folder, found ?? tree)
          if (!found) await asking.run(inTurn(program))
          const predicted = await rig.check(inTurn(program))
          const made = await rig.run(inTurn(program))
          const finished = [...predicted.finished, ...made.finished].map(
            (it) => `${line(it)} ${it.error?.message ?? ''}`,
          )
          outcomes.push([...finished, ...(await snapshot(folder))].join('\n  '))
          spared += (rig === asking ? 1 : -1) * (predicted.roundTrips + made.roundTrips)
        }
        const [without, having] = outcomes
        if (without !== having)
          wrong.push([`seed ${seed}`, ...program.map(({ text }) => text), '--', without, '--', having].join('\n  '))
      }
      assert.is(wrong.length, 0, `${wrong.length} programs\n${wrong.slice(0, 6).join('\n\n')}`)
      assert.ok(spared > 0, `only ${spared} round trips were spared`)
    })
  },
  300_000,
)
