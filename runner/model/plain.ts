import type { Host } from './host.ts'
import type { Secret } from './secret.ts'

type Leaf = string | number | bigint | boolean | null | undefined | void | Date | Secret<unknown>

/** What the compiler shows when a play returns something that can't be kept or handed on. */
export interface NotPlain<What extends string> {
  readonly 'tsplay: the result of a play must be plain data; this is': What
}

/** `T` itself where it is plain data; otherwise a type that names what is wrong. Works for interfaces too. */
export type Plain<T> = T extends Leaf
  ? T
  : T extends (...args: never[]) => unknown
    ? NotPlain<'a function'>
    : T extends Host
      ? NotPlain<'a host'>
      : T extends Promise<unknown>
        ? NotPlain<'a promise (await it)'>
        : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
          ? NotPlain<'a Map or Set (use an object or an array)'>
          : T extends object
            ? { readonly [K in keyof T]: Plain<T[K]> }
            : NotPlain<'not plain data'>
