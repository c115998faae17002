import { Sealed } from './sealed.ts'
import { isVaultText } from './vault-text.ts'

/** Why a value of an Ansible inventory can't be used: an encrypted one, or a Jinja expression. */
export function unusable(value: unknown): { readonly reason: string; readonly hint: string } | undefined {
  if (value instanceof Sealed) return value
  if (typeof value !== 'string' || !mayBeUnusable(value)) return undefined
  if (isVaultText(value)) {
    const hint = 'Give its password: --vault-password-file FILE, or --vault-id ID@FILE'
    return { reason: "is encrypted by Ansible's vault, and no password was given", hint }
  }
  if (/\{\{.*\}\}|\{%.*%\}/s.test(value)) {
    const hint =
      'Write the value itself, or compute it in a TypeScript inventory; braces that are meant as text take the tag !unsafe.'
    return { reason: 'is a Jinja expression, which is not evaluated', hint }
  }
  return undefined
}

/** A quick look, for every value of every host: hardly any can be. */
export const mayBeUnusable = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.includes('{') || value.includes('$') || value.includes('-----B')
    : typeof value === 'object' && value !== null
