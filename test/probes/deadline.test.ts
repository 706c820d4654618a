import { afterEach, expect, test, vi } from 'vitest'
import { type Cut, watchDeadline } from '../../src/probes/deadline.ts'

afterEach(() => vi.restoreAllMocks())

const FAR_MS = 1e9

test('a thousand attempts listen to the worker with one ear, and all hear it stop, once', () => {
  const stop = new AbortController()
  const listen = vi.spyOn(stop.signal, 'addEventListener')
  const cuts: Cut[] = []
  for (let n = 0; n < 1000; n++) watchDeadline(FAR_MS, stop.signal, (cut) => cuts.push(cut))
  expect(listen).toHaveBeenCalledTimes(1)
  stop.abort()
  expect(cuts).toEqual(Array(1000).fill('stopped'))
})

test('an attempt that is over hears nothing, one that begins too late hears it at once', () => {
  const stop = new AbortController()
  const heard = vi.fn()
  watchDeadline(FAR_MS, stop.signal, heard)()
  stop.abort()
  expect(heard).not.toHaveBeenCalled()
  watchDeadline(FAR_MS, stop.signal, heard)
  expect(heard).toHaveBeenCalledExactlyOnceWith('stopped')
})
