export type { Sandbox, SandboxHost, SandboxOptions } from './transport/sandbox/sandbox.ts'
export { startSandbox } from './transport/sandbox/sandbox.ts'
