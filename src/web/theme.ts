/** Light, dark, or as the system has it. */

import { signal } from '@preact/signals'
import { keep, kept } from './keep.ts'

type Theme = 'auto' | 'light' | 'dark'

export const theme = signal<Theme>(kept<Theme>('theme', 'auto'))

export function applyTheme(): void {
  const { dataset } = document.documentElement
  if (theme.value === 'auto') delete dataset.theme
  else dataset.theme = theme.value
}

export function chooseTheme(wanted: Theme): void {
  theme.value = wanted
  keep('theme', wanted)
  applyTheme()
}
