/** Something to tell, for tests of what is told and of who sends it. */

import type { NotificationEvent } from '../../src/domain/notification.ts'

export const event: NotificationEvent = {
  id: '0197-31-opened',
  kind: 'incident.opened',
  at: '2026-02-05T07:46:15.000Z',
  severity: 'major',
  item: { id: 25, title: 'Invoice extractor' },
  incident: { id: 31, title: 'Invoice extractor: exit_code == 0', openedAt: '2026-02-05T07:46:15.000Z' },
  summary: 'expected exit_code == 0, got 1',
  detail: 'Traceback:\n  boom',
  actor: null,
}
