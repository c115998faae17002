import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import type { Answer } from '../ssh/config/host-config.ts'
import type { KnownHost } from '../ssh/known-hosts/entry.ts'
import { describe, type SshSettings } from '../ssh/settings.ts'
import { agentKeyTypes } from './agent-keys.ts'
import { Askpass, type Answerer } from './askpass.ts'
import { masterArguments } from './command-line.ts'
import { OpenSshConnection } from './connection.ts'
import { ControlFolder } from './control-folder.ts'
import { startMaster } from './master.ts'
import { opensshReason } from './reason.ts'

export interface OpenSshRequest {
  readonly settings: SshSettings
  /** As `ssh -F` wants it; undefined for ssh's own choice. */
  readonly configFile: string | undefined
  /** As `ssh -o` takes them, before the configuration. */
  readonly options: readonly string[]
  /** Whether the home that is looked into is not the one that ssh looks into, so that it must be told. */
  readonly foreignHome: boolean
  readonly bastion: OpenSshConnection | undefined
  /** Gives what ssh asks for; undefined where there are neither passwords nor anybody to ask. */
  readonly answer: Answerer | undefined
  readonly signal: AbortSignal | undefined
}

/** Dials by the `ssh` program: one process that holds the connection to a host, and one more for each channel; never one a command. */
export class OpenSshDialer {
  /** A handshake costs up to 130 ms of processor time in a process of its own. */
  readonly #handshakes = pLimit(4 * availableParallelism())
  readonly #agents = new Map<string, Promise<readonly string[]>>()
  #folder: Promise<ControlFolder> | undefined

  /** Why a host needs it; see {@link opensshReason}. */
  reason(settings: SshSettings, answer: Answer, lines: readonly KnownHost[], usableKeys: number) {
    const agentKeys = (socket: string) => {
      const known = this.#agents.get(socket) ?? agentKeyTypes(socket)
      this.#agents.set(socket, known)
      return known
    }
    return opensshReason({ settings, answer, lines, agentKeyTypes: agentKeys, usableKeys })
  }

  /** Throws ConnectError of any stage but `shell`, or the signal's reason. */
  async dial(request: OpenSshRequest): Promise<OpenSshConnection> {
    const { settings, bastion } = request
    const description = describe(settings)
    const { user, forwardAgent, environment, controlPath } = settings
    const shared = { description, user, forwardAgent, environment }
    if (controlPath !== undefined && bastion === undefined) {
      const known = await OpenSshConnection.existing({ ...shared, socket: controlPath })
      if (known !== undefined) return known
    }
    return this.#handshakes(async () => {
      const folder = await (this.#folder ??= ControlFolder.make())
      const socket = folder.socket()
      const lines = settings.knownHostsLines
      const args = masterArguments({
        settings,
        socket,
        configFile: request.configFile,
        options: request.options,
        identityFiles: identityFiles(request),
        knownHostsFile: lines === undefined ? undefined : await folder.write(`${lines.join('\n')}\n`),
        proxyCommand: bastion?.proxyCommand,
        answered: request.answer !== undefined,
      })
      const askpass = request.answer && (await Askpass.listen(folder.path(), request.answer))
      const { process, algorithms, lastWords } = await startMaster(
        args,
        description,
        settings,
        askpass,
        request.signal,
      ).finally(() => askpass?.close())
      return new OpenSshConnection({ ...shared, socket, algorithms, master: process, lastWords })
    })
  }

  /** Removes what connections left. They are closed before, by whoever opened them. */
  async close(): Promise<void> {
    const folder = await this.#folder
    this.#folder = undefined
    await folder?.remove()
  }
}

function identityFiles({ settings, foreignHome }: OpenSshRequest): readonly string[] {
  if (settings.identityFiles.length > 0 || !foreignHome) return settings.identityFiles
  return settings.defaultIdentityFiles
}
