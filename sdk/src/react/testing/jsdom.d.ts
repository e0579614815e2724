// What is used of jsdom. Its published types would put the DOM into all that vitest is imported by.
declare module 'jsdom' {
  export class JSDOM {
    constructor(html: string, options?: { readonly pretendToBeVisual?: boolean })
    readonly window: Pick<Window, 'document' | 'navigator'>
  }
}
