import type { Change } from '../../runner/model/change.ts'
import { PredictionEnd } from '../../runner/model/unknown.ts'
import { disagreement, stateDifferences } from './agreement.ts'
import type { Cell, Cells } from './cell.ts'
import { effectProbes } from './effects.ts'
import { examineHostile } from './hostile.ts'
import { examineKills } from './kills.ts'
import type { Place } from './place.ts'
import type { Case, Drift, Property, Row } from './row.ts'
import { changedSince, differing, type Picture, picture, snapshot, systemState } from './snapshot.ts'
import { ask, bound, trial } from './trial.ts'

export interface ExamineOptions {
  /** @default all */
  readonly only?: readonly Property[]
  /** A place of the same kind whose programs can be killed. @default the place itself */
  readonly killable?: Place
}

/** Tries every property of a row on a place. */
export async function examineRow(place: Place, row: Row, cells: Cells, options: ExamineOptions = {}): Promise<void> {
  for (const one of row.cases) {
    const cell = (property: Property) => cells.at(row.resource, place.name, property)
    const notHere = one.notOn?.[place.name]
    if (notHere !== undefined) {
      for (const property of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const) cell(property).reasons.add(notHere)
      continue
    }
    const wanted = (property: Property) => {
      const reason = one.not?.[property]
      if (reason !== undefined) cell(property).reasons.add(reason)
      return reason === undefined && (options.only ?? [property]).includes(property)
    }
    const examination = new Examination(place, one, cell)
    try {
      await examination.all(wanted, options.killable ?? place)
    } catch (error) {
      cell(examination.at).failures.push(`${one.name}: ${String(error)}`)
    } finally {
      await place.inside(one.reset).catch((error: unknown) => cell('b').failures.push(`${one.name}: ${String(error)}`))
    }
  }
}

class Examination {
  readonly #place: Place
  readonly #case: Case
  readonly #cell: (property: Property) => Cell
  /** What is being tried. */
  at: Property = 'b'

  constructor(place: Place, one: Case, cell: (property: Property) => Cell) {
    this.#place = place
    this.#case = one
    this.#cell = cell
  }

  async all(wanted: (property: Property) => boolean, killable: Place): Promise<void> {
    const { prepare = '', reset, refusedOn, hostile } = this.#case
    const refusal = refusedOn?.[this.#place.name]
    if (refusal !== undefined) return this.#refused(refusal)
    if (prepare !== '') await this.#place.inside(prepare)
    const before = await picture(this.#place)
    if (wanted('a') || wanted('b') || wanted('c') || wanted('h')) await this.#firstRuns()
    else await trial(this.#place, (host) => host.ensure(this.#case.make()))
    this.at = 'g'
    if (wanted('g')) for (const drift of this.#case.drifts ?? []) await this.#drift(drift)
    this.at = 'e'
    if (wanted('e')) await this.#undo(before)
    this.at = 'f'
    if (hostile && wanted('f')) {
      await this.#place.inside(`${reset}\n${prepare}`)
      await examineHostile(this.#place, hostile, this.#check('f'))
    }
    this.at = 'd'
    if (wanted('d')) await examineKills(killable, this.#case, this.#check('d'))
  }

  /** Counts what holds, and keeps what does not. */
  #check = (property: Property) => (what: string, problems: readonly string[]) => {
    const cell = this.#cell(property)
    if (problems.length === 0) cell.held++
    else cell.failures.push(`${this.#case.name}: ${what}: ${problems.slice(0, 5).join('; ')}`)
  }

  async #refused(refusal: RegExp): Promise<void> {
    const before = await snapshot(this.#place)
    for (const check of [true, false]) {
      const { error } = await trial(this.#place, (host) => host.ensure(this.#case.make()), { check })
      const problems = refusal.test(String(error)) ? [] : [`the error is: ${String(error)}`]
      for (const property of ['a', 'b', 'c', 'd', 'e', 'g', 'h'] as const)
        this.#cell(property).reasons.add(`refused with an error: /${refusal.source}/`)
      this.#check('f')('a clear refusal', [...problems, ...differing(before, await snapshot(this.#place))])
    }
  }

  /** Check mode, the change, the second run: what was predicted, written, asked. */
  async #firstRuns(): Promise<void> {
    const place = this.#place
    const make = () => this.#case.make()
    const once = (check: boolean) => trial(place, (host) => host.ensure(make()), { check })
    const files = await snapshot(place)
    const system = await systemState(place)
    const predicted = await once(true)
    this.#check('a')('before it is made', [
      ...differing(files, await snapshot(place)),
      ...(system === (await systemState(place)) ? [] : ['packages, units or kernel differ']),
      ...(predicted.error ? [`the check failed: ${String(predicted.error)}`] : []),
    ])
    const { definition, options, probes } = bound(make())
    const state = await ask(place, probes)
    const made = await once(false)
    if (made.error) throw made.error
    this.#check('b')('the change', disagreement(predicted.finished[0], made.finished[0]))
    this.#check('b')('there is something to change', made.status === 'changed' ? [] : [`it was ${made.status}`])
    const reached = await ask(place, probes)
    this.#check('b')(
      'the state',
      foreseen(() => definition.after(options, state), state, reached),
    )
    const effects = definition.effects?.(options, state) ?? []
    const seen = await ask(place, effectProbes(effects))
    this.#check('b')(
      'the effects',
      effects.flatMap(({ fact, value }) => (fact in seen ? stateDifferences(value, seen[fact], fact) : [])),
    )
    this.#check('h')('changed', tripsOver(made.roundTrips, this.#case.changedTrips ?? 2))
    const settled = await snapshot(place)
    const units = await systemState(place)
    const again = await once(false)
    this.#check('c')('the second run', [
      ...(again.status === 'ok' ? [] : [`it was ${again.status}: ${JSON.stringify(again.finished[0]?.changes)}`]),
      ...differing(settled, await snapshot(place)),
      ...(units === (await systemState(place)) ? [] : ['packages, units or kernel differ']),
    ])
    this.#check('h')('unchanged', tripsOver(again.roundTrips, 1))
    const checked = await once(true)
    this.#check('a')('after it was made', [
      ...(checked.status === 'ok' ? [] : [`it was ${checked.status}`]),
      ...differing(settled, await snapshot(place)),
    ])
  }

  async #drift({ by, sees }: Drift): Promise<void> {
    await this.#place.inside(by)
    const ensure = () => this.#case.make()
    const predicted = await trial(this.#place, (host) => host.ensure(ensure()), { check: true })
    const made = await trial(this.#place, (host) => host.ensure(ensure()))
    this.#check('g')(by, [
      ...(made.error ? [String(made.error)] : []),
      ...unlike(made.finished[0]?.changes ?? [], sees),
    ])
    this.#check('b')(`after ${by}`, disagreement(predicted.finished[0], made.finished[0]))
    const again = await trial(this.#place, (host) => host.ensure(ensure()))
    this.#check('c')(`after ${by}`, again.status === 'ok' ? [] : [`it was ${again.status}`])
  }

  async #undo(before: Picture): Promise<void> {
    const { undo, leaves } = this.#case
    if (undo === undefined) return
    const place = this.#place
    const predicted = await trial(place, (host) => host.ensure(undo()), { check: true })
    const { definition, options, probes } = bound(undo())
    const state = await ask(place, probes)
    const made = await trial(place, (host) => host.ensure(undo()))
    this.#check('b')('taking it back', [
      ...(made.error ? [String(made.error)] : []),
      ...disagreement(predicted.finished[0], made.finished[0]),
      ...foreseen(() => definition.after(options, state), state, await ask(place, probes)),
    ])
    const paths = await changedSince(place, before)
    this.#check('e')(
      'taking it back',
      paths.filter((path) => !leaves?.test(path)),
    )
    const again = await trial(place, (host) => host.ensure(undo()))
    this.#check('c')('taking it back', again.status === 'ok' ? [] : [`it was ${again.status}`])
  }
}

const tripsOver = (made: number, promised: number) =>
  made === promised ? [] : [`${made} round trips in place of ${promised}`]

/** What a prediction says of the state and the host does not; what is left as it was is for the host to say. */
function foreseen(after: () => object, before: Record<string, unknown>, reached: Record<string, unknown>): string[] {
  try {
    return Object.entries(after()).flatMap(([name, value]) =>
      value === before[name] ? [] : stateDifferences(value, reached[name], name),
    )
  } catch (error) {
    if (error instanceof PredictionEnd) return []
    throw error
  }
}

const unlike = (made: readonly Change[], sees: readonly Change[]): string[] =>
  JSON.stringify(made) === JSON.stringify(sees)
    ? []
    : [`saw ${JSON.stringify(made).slice(0, 600)}, not ${JSON.stringify(sees).slice(0, 600)}`]
