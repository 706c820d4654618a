/** Why a check that is down has no new incident, in one line. */

import type { NotOpened } from '../domain/incident.ts'
import { minute } from './style.ts'

export function notOpenedText({ reason, itemId, until }: NotOpened): string {
  switch (reason) {
    case 'already-open':
      return `incident #${itemId} is open already`
    case 'depends-on':
      return `no incident: it depends on #${itemId}, which is down`
    case 'flapping':
      return 'no incident: it is flapping; one opens when 12 runs in a row were down'
    case 'reopen-window':
      return `no incident ${until === null ? 'for a while' : `before ${minute(until)} UTC`}: a person closed the last one (incident.reopenWindow)`
    case 'switched-off':
      return 'no incident: its check says incident.open false'
    case 'maintenance':
      return 'no incident: the item is under maintenance'
  }
}
