/** Characters that each of the forms escapes in its own way; long enough not to be met by chance. */
export const secrets = {
  old: 'old "pass" & é/wörd?1',
  fresh: "new 'pass' + ü\\wörd%2",
  env: 'env secret <&> "3"',
  command: 'command secret $HOME ~4',
  token: 'plain-token-5-0123456789',
}

/** Uses each in every way in which a secret can be used: files, lines, input, and output that has them in each of their forms. */
export const site = `import { playbook, secret } from 'tsplay'
import { file, line } from 'tsplay/tasks'
const site = playbook('site')
site.play('Use secrets', { hosts: 'all', become: true }, async (host) => {
  const { password, from_env, from_command, token } = host.vars
  await host.ensure(file({ path: '/etc/app.conf', mode: '0600', content: secret\`password=\${password}\\nenv=\${from_env}\\n\` }))
  await host.ensure(file({ path: '/etc/token', mode: '0600', content: token }))
  await host.ensure(file({ path: '/etc/lines', mode: '0600', content: 'first\\n' }))
  await host.ensure(line({ path: '/etc/lines', line: secret\`token=\${token}\` }))
  await host.command({ everyTime: true, stdin: from_command })\`sh -c 'sleep 0.5; cat; base64 /etc/app.conf; cat /etc/app.conf /etc/token >&2'\`
  await host.read\`cat /etc/token\`
  // What the host held before a change, nobody could know as a secret: in check mode that is still there.
  for (const path of host.check ? ['/etc/token'] : ['/etc/app.conf', '/etc/token']) {
    const text = await host.read\`cat \${path}\`.text()
    host.log(\`?q=\${encodeURIComponent(text)} \${JSON.stringify({ text })}\`)
    host.log(['base64', 'base64url', 'hex'].map((form) => Buffer.from(text).toString(form)).join(' '))
  }
  try {
    await host.command({ everyTime: true })\`sh -c 'cat /etc/app.conf /etc/token; cat /etc/token >&2; exit 3'\`
  } catch (error) {
    host.log(String(error))
  }
})
export default site
`

/** Variables of an inventory, below `vars:`, that get them; `secrets/` lies beside it. */
export const varsOfSecrets = `    password: !command cat secrets/password
    from_env: !env APP_ENV
    from_command: !command cat secrets/command
    token: !command cat secrets/token
`
