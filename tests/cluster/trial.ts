import { assert, type Test } from '../helpers/suite.ts'
import type { LabHost } from '../lab/lab.ts'
import { ClusterRig, type Finished, type Inventory, site } from './rig.ts'

/** Tests of one part of the cluster's life. */
export type Part = (test: Test, trial: ClusterTrial) => void

/** The cluster that the parts share: a control plane, a worker, and a third host that stays blank. */
export class ClusterTrial implements AsyncDisposable {
  #rig: ClusterRig | undefined
  #pin: string | undefined

  /** The lab, which is made when it is first needed. */
  async rig(): Promise<ClusterRig> {
    this.#rig ??= await ClusterRig.make(3)
    return this.#rig
  }

  async inventory(more: Partial<Inventory> = {}): Promise<string> {
    const rig = await this.rig()
    return rig.inventory({ controlPlane: rig.host(0), workers: [rig.host(1)], ...more })
  }

  async controlPlane(): Promise<LabHost> {
    return (await this.rig()).host(0)
  }

  async worker(): Promise<LabHost> {
    return (await this.rig()).host(1)
  }

  async blank(): Promise<LabHost> {
    return (await this.rig()).host(2)
  }

  /** The cluster's pin; where no part has made the cluster yet, it is made. */
  async pin(): Promise<string> {
    return this.#pin ?? this.made(await (await this.rig()).run('run', site, '-i', await this.inventory()))
  }

  /** Takes note of a run that made the cluster. */
  made(run: Finished): string {
    succeeded(run)
    this.#pin = /the cluster is (sha256:[0-9a-f]{64})/.exec(run.output)?.[1] ?? ''
    return this.#pin
  }

  gone(): void {
    this.#pin = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rig?.[Symbol.asyncDispose]()
  }
}

export const succeeded = ({ code, output }: Finished) => assert.is(code, 0, output.slice(-4000))

export function unchanged({ code, output }: Finished): void {
  assert.is(code, 0, output.slice(-4000))
  assert.not.match(output, /changed=[1-9]/)
}

export function refused({ code, output }: Finished, why: string | RegExp): void {
  assert.is(code, 1, output.slice(-4000))
  assert.match(output, why)
  assert.not.match(output, /changed=[1-9]/)
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
