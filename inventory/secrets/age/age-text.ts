/** The first and the last line of its armour. */
export const ageBegin = '-----BEGIN AGE ENCRYPTED FILE-----'
export const ageEnd = '-----END AGE ENCRYPTED FILE-----'

/** What a file begins with that age wrote without armour. */
export const ageMagic = 'age-encryption.org/v1\n'

/** Whether a text is what age has encrypted, in its armour. */
export const isAgeText = (text: string): boolean => text.trimStart().startsWith(ageBegin)
