import { TsplayError } from '../../model/errors.ts'

/**
 * A template's tag that is an error to await as it is: `await host.command({ … })` without the command after it would do
 * nothing, and say nothing. `said` is what stands there.
 */
export function withText<Tag extends (strings: TemplateStringsArray, ...values: never[]) => unknown>(
  said: string,
  tag: Tag,
): Tag {
  // Made here, where the stack tells the playbook's line.
  const missing = new TsplayError('OPTIONS', `${said} is awaited without a command`, {
    hint: `Write the command as a template right after it: ${said}\`…\``,
  })
  // oxlint-disable-next-line unicorn/no-thenable -- that somebody awaits it is what has to be noticed
  return Object.assign(tag, { then: (_: unknown, fail: (error: TsplayError) => void) => fail(missing) })
}
