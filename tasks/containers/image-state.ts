import type { Probe } from '../../runner/model/probe.ts'
import { quote } from '../../runner/model/quote.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { type ContainerEngine, type EngineAnswer, engineQuestion, engineTouches, parseAnswer } from './engine.ts'

export interface ImageFacts {
  /** SHA-256 in hex. */
  readonly id: string
}

/** Whether an engine has an image, which it finds by name, tag or digest. */
export const imageProbe = typed(
  'container-image',
  (engine: ContainerEngine | null | undefined, name: string): Probe<EngineAnswer<ImageFacts>> => ({
    fact: `container-image:${name}`,
    touches: engineTouches,
    script: engineQuestion(engine, `image inspect --format '= {{with .}}{"id":{{json .ID}}}{{end}}' ${quote(name)}`),
    parse: (raw) => parseAnswer(raw, `the image ${name}`, ({ id }) => ({ id: String(id).replace(/^sha256:/, '') })),
    absent: (answer) => answer.engine === undefined,
  }),
)
