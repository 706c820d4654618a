/** Every operation: one line each. A new command, route or tool is a new file and a line here. */

import { activityList } from './activity-list.ts'
import { batchRun } from './batch-run.ts'
import { boardShow } from './board-show.ts'
import { checkApprove } from './check-approve.ts'
import { checkDue } from './check-due.ts'
import { checkPause, checkResume } from './check-pause.ts'
import { checkRun } from './check-run.ts'
import { checkValidate } from './check-validate.ts'
import { criterionJudge } from './criterion-judge.ts'
import { dashboardShow } from './dashboard-show.ts'
import { databaseBackup } from './database-backup.ts'
import { databaseCopy } from './database-copy.ts'
import { databaseExport } from './database-export.ts'
import { databaseImport } from './database-import.ts'
import { databaseInit } from './database-init.ts'
import { databaseRestore } from './database-restore.ts'
import { databaseUpgrade } from './database-upgrade.ts'
import { demoLoad } from './demo-load.ts'
import { demoRemove } from './demo-remove.ts'
import { dependencyAdd } from './dependency-add.ts'
import { dependencyRemove } from './dependency-remove.ts'
import { doctor } from './doctor.ts'
import { healthList } from './health-list.ts'
import { heartbeatBeat, heartbeatPing, heartbeatReport } from './heartbeat-ping.ts'
import { heartbeatSetup } from './heartbeat-setup.ts'
import { incidentAck } from './incident-ack.ts'
import { incidentFix } from './incident-fix.ts'
import { incidentList } from './incident-list.ts'
import { incidentOpen } from './incident-open.ts'
import { incidentPostmortem } from './incident-postmortem.ts'
import { incidentResolve } from './incident-resolve.ts'
import { itemAssign } from './item-assign.ts'
import { itemBlock } from './item-block.ts'
import { itemClaim } from './item-claim.ts'
import { itemCreate } from './item-create.ts'
import { itemDelete } from './item-delete.ts'
import { itemList } from './item-list.ts'
import { itemMove } from './item-move.ts'
import { itemNote } from './item-note.ts'
import { itemRelease } from './item-release.ts'
import { itemSearch } from './item-search.ts'
import { itemShow } from './item-show.ts'
import { itemUnblock } from './item-unblock.ts'
import { itemUpdate } from './item-update.ts'
import { maintenanceAdd } from './maintenance-add.ts'
import { maintenanceList } from './maintenance-list.ts'
import { maintenanceRemove } from './maintenance-remove.ts'
import { metricsShow } from './metrics-show.ts'
import { notifyApprove } from './notify-approve.ts'
import { notifyLog } from './notify-log.ts'
import { notifyTest } from './notify-test.ts'
import type { AnyOperation } from './operation.ts'
import { projectCreate } from './project-create.ts'
import { projectList } from './project-list.ts'
import { runList } from './run-list.ts'
import { searchRebuild } from './search-rebuild.ts'
import { sessionShow } from './session-show.ts'
import { uptimeShow } from './uptime-show.ts'

/** In the order of help and documents. */
export const operations = {
  'item.create': itemCreate,
  'item.show': itemShow,
  'item.list': itemList,
  'board.show': boardShow,
  'dashboard.show': dashboardShow,
  'item.move': itemMove,
  'item.update': itemUpdate,
  'item.note': itemNote,
  'criterion.judge': criterionJudge,
  'item.assign': itemAssign,
  'item.claim': itemClaim,
  'item.release': itemRelease,
  'item.block': itemBlock,
  'item.unblock': itemUnblock,
  'dependency.add': dependencyAdd,
  'dependency.remove': dependencyRemove,
  'item.delete': itemDelete,
  'item.search': itemSearch,
  'activity.list': activityList,
  'check.run': checkRun,
  'check.due': checkDue,
  'check.validate': checkValidate,
  'check.approve': checkApprove,
  'health.list': healthList,
  'uptime.show': uptimeShow,
  'run.list': runList,
  'metrics.show': metricsShow,
  'notify.test': notifyTest,
  'notify.log': notifyLog,
  'notify.approve': notifyApprove,
  'incident.list': incidentList,
  'incident.open': incidentOpen,
  'incident.ack': incidentAck,
  'incident.resolve': incidentResolve,
  'incident.fix': incidentFix,
  'incident.postmortem': incidentPostmortem,
  'check.pause': checkPause,
  'check.resume': checkResume,
  'heartbeat.setup': heartbeatSetup,
  'heartbeat.ping': heartbeatPing,
  'heartbeat.beat': heartbeatBeat,
  'heartbeat.report': heartbeatReport,
  'maintenance.add': maintenanceAdd,
  'maintenance.list': maintenanceList,
  'maintenance.remove': maintenanceRemove,
  'batch.run': batchRun,
  'project.list': projectList,
  'project.create': projectCreate,
  'session.show': sessionShow,
  'database.init': databaseInit,
  'database.upgrade': databaseUpgrade,
  'database.backup': databaseBackup,
  'database.restore': databaseRestore,
  'database.copy': databaseCopy,
  'database.export': databaseExport,
  'database.import': databaseImport,
  doctor,
  'search.rebuild': searchRebuild,
  'demo.load': demoLoad,
  'demo.remove': demoRemove,
} as const satisfies Record<string, AnyOperation>

export type Operations = typeof operations
export type OperationName = keyof Operations
export const operationList: AnyOperation[] = Object.values(operations)
