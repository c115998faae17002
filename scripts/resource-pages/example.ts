/** An example as a module: with the imports of what it calls. `host` is left to whoever runs it. */
export function exampleModule(example: string, exports: ReadonlyMap<string, ReadonlySet<string>>): string {
  const { own, rest } = parted(example)
  const called = new Set([...rest.matchAll(/(?<![\w.])(\w+)(?=[(`]|\.\w+\()/g)].map(([, name = '']) => name))
  for (const [, name = ''] of rest.matchAll(/\bnew (\w+)/g)) called.add(name)
  const imports = [...exports].flatMap(([module, names]) => {
    const used = [...called].filter((name) => names.has(name)).toSorted()
    return used.length === 0 ? [] : [`import { ${used.join(', ')} } from '${module}'`]
  })
  return `${[...own, ...imports].join('\n')}\n\n${rest}\n`
}

/** Its own imports, and what follows them. */
function parted(example: string): { own: readonly string[]; rest: string } {
  const lines = example.split('\n')
  const own = lines.filter((line) => line.startsWith('import '))
  return {
    own,
    rest: lines
      .filter((line) => !own.includes(line))
      .join('\n')
      .trim(),
  }
}
