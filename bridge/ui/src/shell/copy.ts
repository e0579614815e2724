import { announce } from './announcer.tsx'

/** Puts text on the clipboard, and says whether that worked. */
export function copy(text: string): void {
  // Missing where the page came over plain HTTP from another machine.
  const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))
  written.then(
    () => announce('Copied'),
    () => announce('This browser does not let the page copy here'),
  )
}
