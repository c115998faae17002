/** Why text of an Ansible inventory can't be used as a value: an encrypted one, or a Jinja expression. */
export function unusable(text: string): { reason: string; hint: string } | undefined {
  if (text.startsWith('$ANSIBLE_VAULT;')) {
    const hint = 'Hand it over by -e, or let a TypeScript inventory read it from where your secrets are kept.'
    return { reason: "is encrypted by Ansible's vault, which is not supported", hint }
  }
  if (/\{\{.*\}\}|\{%.*%\}/s.test(text)) {
    const hint =
      'Write the value itself, or compute it in a TypeScript inventory; braces that are meant as text take the tag !unsafe.'
    return { reason: 'is a Jinja expression, which is not evaluated', hint }
  }
  return undefined
}
