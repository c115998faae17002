import ipaddr from 'ipaddr.js'
import { TsplayError } from '../../runner/model/errors.ts'

type Range = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number]

/** Reads `10.244.0.0/16`. Throws `TsplayError('OPTIONS')`, `what` first. */
export function cidr(what: string, text: string): Range {
  if (!ipaddr.isValidCIDR(text)) {
    throw new TsplayError('OPTIONS', `${what}: ${JSON.stringify(text)} is no range of addresses`, {
      hint: 'write it as 10.244.0.0/16',
    })
  }
  return ipaddr.parseCIDR(text)
}

/** The ranges of a subnet option, which is one range, or two with a comma (IPv4 and IPv6). */
export const cidrs = (what: string, text: string): readonly string[] =>
  text.split(',').map((part) => {
    cidr(what, part.trim())
    return part.trim()
  })

/** Whether two ranges have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, aBits] = cidr('range', one)
  const [b, bBits] = cidr('range', other)
  if (a.kind() !== b.kind()) return false
  // Both are of one kind: that is what makes the cast of the pair true.
  return (a as ipaddr.IPv4).match(b as ipaddr.IPv4, Math.min(aBits, bBits))
}

/** Whether a range is a part of another, or all of it. */
export const within = (inner: string, outer: string): boolean =>
  cidr('range', inner)[1] >= cidr('range', outer)[1] && overlaps(inner, outer)

/** Ranges that are usual for Pods, then all of the private ones in order. */
function* candidates(bits: number): Generator<string> {
  yield `10.244.0.0/${bits}`
  for (const second of [16, 32, 100, 200]) yield `172.${second < 32 ? second : 16 + (second % 16)}.0.0/${bits}`
  for (let second = 128; second < 256; second++) yield `10.${second}.0.0/${bits}`
  for (let second = 0; second < 128; second++) yield `10.${second}.0.0/${bits}`
}

/** A private IPv4 range of that size which overlaps none of those taken; `undefined` where there is none. */
export function freeRange(bits: number, taken: readonly string[]): string | undefined {
  const size = Math.min(Math.max(bits, 16), 24)
  for (const candidate of candidates(size)) {
    if (taken.every((range) => !overlaps(candidate, range))) return candidate
  }
  return undefined
}
