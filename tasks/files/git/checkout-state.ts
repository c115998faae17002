import { unclear } from '../../../runner/model/facts-of/unclear.ts'
import type { Probe } from '../../../runner/model/probe.ts'
import { checkoutQuestion, remoteQuestion } from './checkout-script.ts'
import { isCommit, type WantedCheckout } from './checkout-options.ts'

/** What is at the path, as git sees it. */
export type Checkout =
  | { readonly kind: 'without-git' | 'absent' | 'unfinished' | 'foreign' }
  /** git refuses it, and says why. */
  | { readonly kind: 'problem'; readonly why: string }
  | {
      readonly kind: 'checkout'
      /** Commit id; empty before the first commit. */
      readonly head: string
      readonly origin: string
      /** Tracked files that were changed by hand. */
      readonly edited: readonly string[]
    }

/** What the repository has. */
export interface Remote {
  readonly commit: string | undefined
  readonly isTag: boolean
  readonly problem: string | undefined
}

const answerOf = (path: string, raw: string): string[] => {
  const lines = raw.split('\n').filter((line) => line !== '')
  if (lines.pop() === 'end') return lines
  throw unclear(`gitCheckout ${path}`, raw)
}

export const checkoutProbe = (wanted: WantedCheckout): Probe<Checkout> => ({
  fact: `git:${wanted.path}`,
  script: checkoutQuestion(wanted),
  touches: [`path:${wanted.path}`, `path:${wanted.path}/*`, 'package:git'],
  absent: ({ kind }) => kind === 'without-git',
  parse(raw) {
    const lines = answerOf(wanted.path, raw)
    const first = lines[0] ?? 'absent'
    const kind = (['without-git', 'absent', 'unfinished', 'foreign'] as const).find((it) => it === first)
    if (kind !== undefined) return { kind }
    const texts = (word: string) =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
    if (first.startsWith('problem ')) return { kind: 'problem', why: lines.join('\n').slice('problem '.length) }
    return { kind: 'checkout', head: texts('head')[0] ?? '', origin: texts('origin')[0] ?? '', edited: texts('edited') }
  },
})

/** Which commit is wanted; asks nobody where that is said. */
export const remoteProbe = (wanted: WantedCheckout): Probe<Remote> => {
  const { revision } = wanted
  const isSaid = isCommit(revision)
  return {
    fact: `git-remote:${wanted.repository} ${revision}`,
    script: isSaid ? 'echo end' : remoteQuestion(wanted),
    touches: isSaid ? [] : ['package:git', `path:${wanted.repository}/*`, `path:${wanted.sshKey ?? '/root/.ssh/*'}`],
    parse(raw) {
      const lines = answerOf(wanted.path, raw)
      if (isSaid) return { commit: revision, isTag: false, problem: undefined }
      if (lines[0] === 'without-git')
        return { commit: undefined, isTag: false, problem: 'there is no git on this host' }
      if (lines[0]?.startsWith('problem '))
        return { commit: undefined, isTag: false, problem: lines.join('\n').slice('problem '.length) }
      const commits = new Map(
        lines.map((line): [string, string] => [line.split('\t')[1] ?? '', line.split('\t')[0] ?? '']),
      )
      const branch = commits.get(revision === 'HEAD' ? 'HEAD' : `refs/heads/${revision}`)
      const tag = commits.get(`refs/tags/${revision}^{}`) ?? commits.get(`refs/tags/${revision}`)
      const problem = (branch ?? tag) ? undefined : `it has no branch or tag ${revision}`
      return { commit: branch ?? tag, isTag: branch === undefined && tag !== undefined, problem }
    },
  }
}
