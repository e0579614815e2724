import './testing/dom.ts'
import { createElement, StrictMode } from 'preact/compat'
import { createRoot } from 'preact/compat/client'
import { vi } from 'vitest'
import { testHooks } from './testing/hook-tests.ts'

vi.mock('react', () => import('preact/compat'))

// The types of the two renderers differ in what they call an element; the hooks see neither.
testHooks('Preact in place of React', { createElement, StrictMode, createRoot } as never)
