import { JSDOM } from 'jsdom'

// Renderers look for a page when they are imported: this has to be imported before them.
const { window } = new JSDOM('<!doctype html>', { pretendToBeVisual: true })
const { document, navigator } = window
for (const [name, value] of Object.entries({ window, document, navigator })) {
  // Node has a navigator of its own from 21 on.
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}

/** A place to render into. */
export function container(): Element {
  return document.body.appendChild(document.createElement('div'))
}
