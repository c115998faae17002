/** Why a text can't be read: what is wrong with it or with the keys, in the words of an error, and what to do. */
export interface OpenFailure {
  readonly why: 'damaged' | 'missing-key' | 'wrong-key'
  readonly reason: string
  readonly hint: string
}

/** An encrypted text's content, or why it could not be opened. */
export type Opened = { readonly text: string; readonly failure?: undefined } | { readonly failure: OpenFailure }
