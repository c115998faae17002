/** A value that is encrypted and could not be opened. It stands where the value would; reading it is the error. */
export class Sealed {
  readonly reason: string
  readonly hint: string

  constructor({ reason, hint }: { readonly reason: string; readonly hint: string }) {
    this.reason = reason
    this.hint = hint
  }
}
