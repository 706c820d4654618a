import { expect, test } from 'vitest'
import { evidenceOf } from '../../src/worker/evidence.ts'

test('an incident shows the records that came, or the certificate that was shown', () => {
  const verdict = { result: 'down', summary: 'x', failed: { expectation: 'a', got: 'b' } } as const
  const dns = { durationMs: 5, records: ['10 mx.example.com', '20 mx2.example.com'] }
  expect(evidenceOf({ verdict, observation: dns, attempts: 1 }, 'w')).toContain(
    '\nrecords: 10 mx.example.com, 20 mx2.example.com\n',
  )
  const certificate = {
    subject: 'CN=a',
    issuer: 'CN=b',
    names: 'a, *.a',
    validTo: '2026-02-05T07:46:15.000Z',
  }
  expect(evidenceOf({ verdict, observation: { durationMs: 5, certificate }, attempts: 1 }, 'w')).toContain(
    '\ncertificate: CN=a, for a, *.a, issued by CN=b, valid to 2026-02-05T07:46:15.000Z\n',
  )
})
