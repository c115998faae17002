/** What `nft -j list table` gives (libnftables-json(5)), as far as it is looked at. */
export interface NftObject {
  readonly table?: { readonly family: string }
  readonly chain?: { readonly name: string; readonly hook?: string; readonly policy?: string }
  readonly rule?: { readonly chain: string; readonly expr: readonly NftStatement[] }
  readonly set?: { readonly name: string; readonly flags?: readonly string[]; readonly elem?: readonly unknown[] }
}

/** One of many kinds, which its only key names. */
export type NftStatement = Readonly<Record<string, unknown>>

export interface NftMatch {
  readonly op: string
  readonly left: NftExpression
  readonly right: unknown
}

export interface NftExpression {
  readonly meta?: { readonly key: string }
  readonly ct?: { readonly key: string }
  readonly payload?: { readonly protocol: string; readonly field: string }
}
