/**
 * The page: the human's view of what people and agents do and of what is live.
 *
 * Here lives what the browser does: drawing, keys, hands, and asking the server. No rule of the product does: the
 * server decides, and what it refuses springs back.
 */

import { render } from 'preact'
import { App } from './app.tsx'
import { filterOf } from './board/filter.ts'
import { loadEarly } from './board/state.ts'
import { startClock } from './clock.ts'
import { mindVisibility } from './events.ts'
import { startKeys } from './keys.ts'
import { watchIncidents } from './open-incidents.ts'
import { loadWhenIdle } from './palette/door.tsx'
import { rememberVisits } from './palette/recent.ts'
import { place, startRouter } from './router.ts'
import { startSession } from './session.ts'
import { applyTheme } from './theme.ts'
import './styles/index.css'

applyTheme()
if (place.value.path === '/') loadEarly(filterOf(place.value.query))
startRouter()
startClock()
mindVisibility()
startKeys()
rememberVisits()
render(<App />, document.getElementById('app')!)
void startSession()
watchIncidents()
loadWhenIdle()
