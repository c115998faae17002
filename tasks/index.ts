export { absent, type AbsentOptions } from './files/absent.ts'
export { block, type BlockOptions } from './files/block.ts'
export { download, type DownloadOptions } from './files/download.ts'
export { line, type LineOptions } from './files/line.ts'
export { link, type LinkOptions } from './files/link.ts'
export { directory, type DirectoryOptions, type DirectoryOut } from './files/directory.ts'
export { file, type FileOptions, type FileOut } from './files/file.ts'
export { template, type TemplateOptions } from './files/template.ts'
export { group, type GroupOptions, type GroupOut } from './system/group.ts'
export { service, type ServiceOptions, type ServiceOut } from './system/service.ts'
export { user, type UserOptions, type UserOut } from './system/user.ts'
export {
  packages,
  type Brings,
  type BroughtUnit,
  type PackagesOptions,
  type PackagesOut,
} from './packages/packages.ts'
export { authorizedKey, type AuthorizedKeyOptions, type AuthorizedKeyOut } from './system/authorized-key.ts'
export { kernelModule, type KernelModuleOptions, type KernelModuleOut } from './system/kernel-module.ts'
export { sysctl, type SysctlOptions, type SysctlOut } from './system/sysctl.ts'
