import type { Change } from '../../runner/model/change.ts'
import { sha256 } from '../../runner/model/content.ts'
import { TsplayError } from '../../runner/model/errors.ts'
import type { Probe } from '../../runner/model/probe.ts'
import { resource, type Resource } from '../../runner/model/resource.ts'
import { typed } from '../../runner/model/typed-question.ts'
import { certain, unknownReason } from '../../runner/model/unknown.ts'
import { apiProbe } from './api-script.ts'
import { adminConf, apiAnswers, isNotFound, json, type Json } from './kubectl.ts'
import { type ManifestObject, manifestObjects, objectDifferences } from './manifest-objects.ts'

export interface KubeObjectsOptions {
  /** What the manifest is called, for people. */
  readonly name: string
  /** YAML or JSON. */
  readonly manifest: string
  /** Limit in milliseconds. @default 2 minutes */
  readonly timeoutMs?: number
}

interface Wanted extends KubeObjectsOptions {
  readonly objects: readonly ManifestObject[]
}

/** Living objects by path; absent ones are left out. */
type Found = ReadonlyMap<string, Json>

/** Where an object lies in the API, as {@link manifestObjects} writes it. */
const objectPath = /^\/apis?\/[\w.%/-]+$/

const objectsProbe = typed('kubernetes-objects', (name: string, paths: readonly string[]): Probe<Found> => {
  const wrong = paths.find((path) => !objectPath.test(path))
  if (wrong !== undefined) throw new TsplayError('OPTIONS', `${name}: the API has no object at ${wrong}`)
  return {
    fact: `kubernetes:objects ${name}`,
    ...apiProbe(adminConf, Object.fromEntries(paths.map((path, i) => [i, path]))),
    parse(raw) {
      const answers = apiAnswers(raw)
      return new Map(
        paths.flatMap((path, i) => {
          const text = answers.get(String(i))
          if (text === undefined || isMissing(text)) return []
          const live = json(text)
          if (live !== undefined) return [[path, live] as const]
          throw new TsplayError('COMMAND', `the API server did not give ${path}: ${text.slice(0, 300)}`)
        }),
      )
    },
  }
})

/** Also where the kind of the object itself is not known yet. */
const isMissing = (text: string) =>
  !/^[[{]/.test(text) && (isNotFound(text) || /could not find the requested resource/.test(text))

const definition = resource<Wanted, { readonly objects: Found }, object>({
  kind: 'kube-objects',
  id: ({ name }) => name,
  probes: ({ name, objects }) => ({
    objects: objectsProbe(
      name,
      objects.map(({ path }) => path),
    ),
  }),
  diff: ({ objects }, state): Change[] =>
    objects.flatMap(({ name, path, object }): Change[] => {
      const live = certain(state.objects).get(path)
      if (live === undefined) return [{ field: name, before: undefined, after: 'created' }]
      const different = objectDifferences(object, live)
      return different.length === 0
        ? []
        : [{ field: name, before: different.join(', '), after: 'as the manifest has it' }]
    }),
  apply({ manifest, timeoutMs }) {
    const path = `/run/tsplay/manifest-${sha256(manifest).slice(0, 16)}.yaml`
    return [
      { script: 'umask 077;mkdir -p /run/tsplay' },
      { upload: manifest, to: path, mode: '0600' },
      {
        script: `kubectl --kubeconfig ${adminConf} apply --server-side --force-conflicts --field-manager tsplay -f ${path}
r=$?
rm -f ${path}
exit $r`,
        timeoutMs: timeoutMs ?? 120_000,
        hint: 'The manifest may not fit this version of Kubernetes.',
      },
    ]
  },
  after: ({ objects }) => ({ objects: new Map(objects.map(({ path, object }) => [path, object])) }),
  out: () => ({}),
})

/**
 * The objects of a manifest, as it has them; what the cluster or others add to them stays. Asked by one request each, on
 * a control plane.
 * @example
 * const manifest = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n'
 * await host.ensure(kubeObjects({ name: 'shop', manifest }))
 */
export function kubeObjects(options: KubeObjectsOptions): Resource {
  if (unknownReason(options.manifest) !== undefined) certain(options.manifest)
  return definition({ ...options, objects: manifestObjects(options.name, options.manifest) })
}
