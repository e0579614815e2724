import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { applyTheme, keptTheme } from './shell/theme.ts'

applyTheme(keptTheme())
const root = document.getElementById('page')
if (root !== null) createRoot(root).render(<App />)
