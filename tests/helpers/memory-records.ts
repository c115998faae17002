import type { RecordStore } from '../../runner/engine/read-ahead/recall.ts'
import type { BodyRecord } from '../../runner/engine/read-ahead/record.ts'

/** What bodies asked, kept in memory, as it would come from a file. */
export interface MemoryRecords extends RecordStore {
  readonly texts: Map<string, string>
}

export function memoryRecords(): MemoryRecords {
  const texts = new Map<string, string>()
  return {
    texts,
    last(play, host): unknown {
      const text = texts.get(`${play} ${host}`)
      return text === undefined ? undefined : JSON.parse(text)
    },
    keep: (play, host, record: BodyRecord) => void texts.set(`${play} ${host}`, JSON.stringify(record)),
  }
}
