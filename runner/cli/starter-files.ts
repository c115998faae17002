import { playbookOptions } from './check-config.ts'

const playbook = `import { playbook } from 'tsplay'
import { directory, file } from 'tsplay/tasks'

const site = playbook('site')

/** Runs once on every host, in parallel. What is already so is left alone. */
site.play('Say hello', { hosts: 'all' }, async (host) => {
  const home = await host.read\`printf %s "$HOME"\`.text()
  await host.ensure(directory({ path: \`\${home}/hello\`, mode: '0755' }))
  await host.ensure(file({ path: \`\${home}/hello/greeting.txt\`, content: \`Hello from \${host.name}\\n\` }))
})

export default site
`

const hosts = `# The hosts that playbooks run on, in Ansible's shape. Names are looked up as ssh would: ~/.ssh/config is read.
all:
  vars:
    # ansible_user: deploy
  children:
    web:
      hosts:
        web1:
          ansible_host: 192.0.2.11 # an address from the documentation range: put your own here
        web2:
          ansible_host: 192.0.2.12
`

const tsconfig = {
  compilerOptions: {
    ...playbookOptions,
    types: ['node'],
    noUncheckedIndexedAccess: true,
    noFallthroughCasesInSwitch: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
  },
  include: ['**/*.ts'],
}

/** What `tsplay init` writes, by name. */
export const starterFiles: Readonly<Record<string, string>> = {
  'site.ts': playbook,
  'hosts.yaml': hosts,
  'tsconfig.json': `${JSON.stringify(tsconfig, null, 2)}\n`,
  '.gitignore': '.tsplay/\nnode_modules/\n',
}
