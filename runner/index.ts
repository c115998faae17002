export type { AssertOptions } from './model/assert.ts'
export { assert } from './model/assert.ts'
export type { Change } from './model/change.ts'
export type {
  Changed,
  Command,
  CommandCall,
  CommandOptions,
  Guard,
  Ran,
  Read,
  Reading,
  ReadOptions,
} from './model/command.ts'
export type { Content } from './model/content.ts'
export { sha256 } from './model/content.ts'
export type { CommandFailure, ConnectStage, ErrorCode, ErrorDetails } from './model/errors.ts'
export { CommandError, ConnectError, TsplayError } from './model/errors.ts'
export type { Facts } from './model/facts.ts'
export type { Ensured, EnsureOptions, Host } from './model/host.ts'
export type { Plain } from './model/plain.ts'
export type { Batch, Given, Needs, Play, Playbook, PlaybookOptions, PlayOptions } from './model/playbook.ts'
export { playbook } from './model/playbook.ts'
export type { Probe, ScriptProbeOptions } from './model/probe.ts'
export type { GroupState } from './model/facts-of/group.ts'
export type { PathState } from './model/facts-of/path-state.ts'
export type { UnitState } from './model/facts-of/unit.ts'
export type { UserState } from './model/facts-of/user.ts'
export { probe } from './model/typed-probe.ts'
export { quote, sh } from './model/quote.ts'
export type { Definition, Effect, Resource } from './model/resource.ts'
export { resource } from './model/resource.ts'
export type { RetryOptions } from './model/retry.ts'
export { retry } from './model/retry.ts'
export type { Run } from './model/run.ts'
export { Secret, secret } from './model/secret.ts'
export type { DownloadStep, OnDisconnect, ScriptStep, Step, TreeAction, TreeStep, UploadStep } from './model/step.ts'
export type { TaskInfo, TaskOptions, TaskResult } from './model/task.ts'
export { task, taskInfo } from './model/task.ts'
export type { Trigger } from './model/trigger.ts'
export { daemonReload, reload, restart } from './model/trigger.ts'
export { unknown } from './model/unknown.ts'
export type { GroupNames, GroupShape, HostNames, HostShape, InventoryShape } from '../inventory/define.ts'
export { inventory, inventoryNames } from '../inventory/define.ts'
export type { SecretSource } from '../inventory/secrets/secret-source.ts'
export { secretFrom } from '../inventory/secrets/secret-source.ts'
export type { ConnectedHost, ConnectOptions } from './connect.ts'
export { connect, local } from './connect.ts'
export { localShell } from './transport/local-shell.ts'
export type { Emit, Event } from './engine/events.ts'
