import { packages } from '../../../tasks/packages/packages.ts'
import { hostileTexts } from '../hostile.ts'
import type { Case } from '../row.ts'

/** Names and versions of packages; `refusal` is what the manager says of a version that there is not. */
export const hostilePackages = (refusal: RegExp): NonNullable<Case['hostile']> => ({
  name: { make: (name) => packages({ names: name }), values: hostileTexts },
  version: { make: (version) => packages({ names: `tsplay-t=${version}` }), values: hostileTexts, refusal },
})
