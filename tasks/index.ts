export { directory, type DirectoryOptions, type DirectoryOut } from './files/directory.ts'
export { file, type FileOptions, type FileOut } from './files/file.ts'
