/** A property of options or of a result, or a parameter, as its declaration has it. */
export interface Member {
  readonly name: string
  /** As it is written there, on one line. */
  readonly type: string
  readonly optional: boolean
  readonly text: string
  /** What holds where it is left out. */
  readonly whenLeftOut: string | undefined
}

/** A type that a member names, and that is explained on the same page. */
export interface NamedType {
  readonly name: string
  readonly text: string
  /** What stands for it, where it has no properties. */
  readonly alias: string | undefined
  readonly members: readonly Member[]
}

export interface Parameter extends Member {
  /** Its properties; none where it is no object of options. */
  readonly members: readonly Member[]
}

/** A resource or a task, as `tsplay/tasks` exports it. */
export interface Declared {
  readonly name: string
  readonly kind: 'resource' | 'task'
  /** Its folder below tasks: `files`. */
  readonly folder: string
  /** Its file, from the root of the project: `tasks/files/file.ts`. */
  readonly source: string
  readonly text: string
  readonly examples: readonly string[]
  readonly throws: readonly string[]
  /** All but a task's host. */
  readonly parameters: readonly Parameter[]
  /** What it gives beside `changed`. */
  readonly gives: readonly Member[]
  readonly types: readonly NamedType[]
}

/** Everything that pages are made of. */
export interface Declarations {
  readonly declared: readonly Declared[]
  /** Names by the module that exports them, for the imports of examples. */
  readonly exports: ReadonlyMap<string, ReadonlySet<string>>
  /** Properties of what `tsplay` exports: of hosts, plays, commands and so on. */
  readonly members: ReadonlySet<string>
}
