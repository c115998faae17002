const cluster = `
all:
  vars: { dns: 10.0.0.1, level: all }
  children:
    k8s:
      vars: { level: k8s }
      children:
        control_plane: { hosts: { "cp[1:3]": { role: cp } }, vars: { level: control_plane } }
        workers:
          hosts: { "w[01:05]": {}, odd.example.org: { level: host } }
    eu: { hosts: { cp1: {}, w01: {}, w02: {} }, vars: { region: eu } }
    us: { hosts: { w03: {}, lone: {} }, vars: { region: us } }
    staging: { hosts: { db-1: {}, db-2: {} } }
  hosts: { solo: {}, "fd00::5": {} }
`

/** Inventories as files by name; the first is the source, the others lie beside it. */
export const inventories: readonly Readonly<Record<string, string>>[] = [
  { 'cluster.yaml': cluster },
  { 'siblings.yaml': 'b: { hosts: { h: {} }, vars: { x: b } }\na: { hosts: { h: {} }, vars: { x: a, y: a } }\n' },
  {
    'priority.yaml':
      'a: { hosts: { h: {} }, vars: { x: a, ansible_group_priority: 10 } }\nb: { hosts: { h: {} }, vars: { x: b } }\n',
  },
  {
    'depth.yaml':
      'z: { hosts: { h: {} }, vars: { x: shallow } }\na: { children: { b: { children: { c: { hosts: { h: }, vars: { x: deep } } }, vars: { x: b } } } }\n',
  },
  {
    'diamond.yaml':
      'top: { children: { l: { children: { low: } }, r: { children: { low: { hosts: { h: }, vars: { x: low } } }, vars: { x: r, y: r } } }, vars: { x: top, z: top } }\nl: { vars: { y: l } }\n',
  },
  {
    'ungrouped.yaml':
      'ungrouped: { hosts: { u1: { a: 1 } } }\nall: { hosts: { u2: {}, g: {} }, vars: { a: 0 } }\nweb: { hosts: { g: {} } }\nungrouped2: { hosts: { u3: } }\n',
  },
  {
    'scalars.yaml':
      'all: { hosts: { h: { b: yes, c: Off, d: 0644, e: 1.30, f: 0x1f, g: "no", i: 1e3, j: ~, k: null, l: [a, {b: 1}], m: 1_000, n: -017, o: .5, p: y, q: 1.5e+3, r: 0b11, s: "", t: on, u: 08 } } }\n',
  },
  {
    'merge.yaml':
      'all:\n  vars:\n    base: &base { a: 1, b: 2 }\n    other: { <<: *base, b: 3 }\n  hosts:\n    h: { <<: *base, c: 4 }\n    i: { <<: [{ a: 5 }, *base] }\n',
  },
  { 'maps.yaml': 'all: { vars: { m: { a: 1 } } }\ng: { vars: { m: { b: 2 } }, hosts: { h: { m: { c: 3 } }, i: } }\n' },
  { 'text.yaml': 'all: { hosts: one, children: { g: { hosts: two }, e: } }\n' },
  { 'ports.yaml': 'all: { hosts: { "web:2222": { a: 1 }, "[fd00::1]:2200": {}, "n[1:3].lan:22": {} } }\n' },
  {
    'ranges.yaml':
      'all: { hosts: { "a[1:10:3]": , "b[01:03]x[a:c]": , "c[x:z]": , "d[008:011]": , "e[:2]": , "10.0.0.[1:3]": } }\n',
  },
  {
    'hosts.yaml':
      'all: { vars: { a: inv-all, b: inv-all } }\nweb: { hosts: { w1: { d: inv-host }, w2: }, vars: { a: inv-web, c: inv-web } }\n',
    'group_vars/all.yml': 'a: file-all\nb: file-all\n',
    'group_vars/web.yaml': 'c: file-web\n',
    'host_vars/w1.yml': 'd: file-host\n',
  },
  {
    'dirs.yaml': 'web: { hosts: { w1.example.org: } }\ndb: { hosts: { w1.example.org: } }\n',
    'group_vars/web/10-first.yml': 'x: first\ny: first\n',
    'group_vars/web/20-second.yml': 'x: second\n',
    'group_vars/db': 'x: db\nz: db\n',
    'host_vars/w1.example.org': 'h: 1\n',
  },
  {
    'twice.yaml':
      'web: { hosts: { h: { x: 1 } }, vars: { y: 1 } }\nother: { children: { web: { hosts: { h: { x: 2 } }, vars: { y: 2, z: 3 } } } }\n',
  },
  {
    'same.yaml':
      'b2: { hosts: { h: } , vars: { x: b2 } }\nB1: { hosts: { h: }, vars: { x: B1 } }\na_1: { hosts: { h: }, vars: { x: a_1 } }\n',
  },
  { 'json.yaml': '{"all": {"hosts": {"j1": {"n": 1}}, "children": {"g": {"hosts": {"j2": null}}}}}' },
]

/** Patterns over the first inventory. */
export const patterns = [
  'all',
  '*',
  'k8s',
  'workers',
  'control_plane',
  'cp1',
  'w01',
  'solo',
  'ungrouped',
  'staging',
  'eu,us',
  'eu:us',
  'us:eu',
  'us,eu,solo',
  'w01,cp1',
  'cp1:w01',
  'workers:control_plane',
  'solo eu',
  'k8s:!workers',
  '!workers:k8s',
  '!workers',
  '&eu',
  'k8s:&eu',
  'eu:&workers:!w02',
  'all,!k8s',
  'k8s,&eu,!cp1',
  '!w01,!w02,workers',
  'w*',
  'cp?',
  'w0[13]',
  'w0[!13]',
  '*2',
  'e*',
  'nothing*',
  'db-*',
  '*.example.org',
  'odd.example.org',
  'o*',
  '?p1',
  '*s*',
  'w0[1-3]',
  'c*:!control*',
  '~w0[1-3]',
  '~cp',
  '~.*org$',
  '~(eu|us)',
  '~w0[1-3]:!w02',
  '~^k8s$',
  'workers[0]',
  'workers[-1]',
  'workers[0:2]',
  'workers[1:]',
  'workers[0:0]',
  'workers[2:99]',
  'workers[1-2]',
  'k8s[0]',
  'k8s[-2]',
  'eu[0]:us[1]',
  'workers[0],control_plane[0]',
  'k8s:!control_plane[0]',
  'k8s:&eu[0:1]',
  '!k8s[0]:eu',
  'workers[7]',
  'workers[-9]',
  'all[3]',
  'all[0:4]',
  'db-[0:1]',
  'fd00::5',
  'fd00::5,cp1',
  'w01,w01,w01',
  ' eu , us ',
  'eu,,us',
  'eu:',
  'workers,workers[0]',
]

/** Patterns over the other inventories: enough to see every order. */
export const commonPatterns = ['all', '*', 'ungrouped', '~.*', '*1', 'all:!ungrouped']
