/** What a worker tells of a run that ended, and what became of it. */

import * as z from 'zod/mini'
import { notOpenedReasons } from '../domain/incident.ts'
import * as field from './fields.ts'

const result = () => z.enum(['up', 'degraded', 'down', 'unknown'])

/** Of one run. */
export const runReport = () =>
  z.strictObject({
    itemId: field.itemId(),
    /** Of the lease; another one since: the report is stale. */
    epoch: z.number(),
    result: result(),
    /** One line. */
    summary: z.string(),
    /** The condition that failed, for the title of an incident. */
    condition: z.string(),
    /** Expectation, got, exit code, output, worker: what an incident tells. */
    evidence: z.string(),
    /** JSON of the numbers that a plugin printed. */
    perfdata: z.nullable(z.string()),
    startedMs: z.number(),
    durationMs: z.number(),
    attempts: z.number(),
  })

export type RunReport = z.output<ReturnType<typeof runReport>>

export const incidentChange = () =>
  z.strictObject({
    id: z.number(),
    change: z.enum(['opened', 'reopened', 'resolved', 'recovery-noted', 'failing-again']),
  })

/** Why a run that found it down opened none; null: it did, or it is not down. */
export const whyNotOpened = () =>
  z.nullable(
    z.strictObject({
      reason: z.enum(notOpenedReasons),
      itemId: z.nullable(z.number()),
      until: z.nullable(z.string()),
    }),
  )

/** In the order of the reports. */
export const recordedRun = () =>
  z.strictObject({
    itemId: z.number(),
    stored: z.boolean(),
    state: z.nullable(result()),
    /** Its item was under maintenance: it is kept, and counts for nothing. */
    maintenance: z.boolean(),
    incident: z.nullable(incidentChange()),
    notOpened: whyNotOpened(),
  })

export type RecordedReport = z.output<ReturnType<typeof recordedRun>>

/** What is told of a run that was not stored. */
export const notRecorded = (itemId: number): RecordedReport => ({
  itemId,
  stored: false,
  state: null,
  maintenance: false,
  incident: null,
  notOpened: null,
})
