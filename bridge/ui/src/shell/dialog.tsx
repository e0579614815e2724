import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { Icon } from './icon.tsx'

export interface DialogProps {
  readonly title: string
  readonly className?: string
  readonly children: ReactNode
  onClose(): void
}

/** A window above the page. The browser keeps the focus in it, and gives it back. */
export function Dialog({ title, className = '', children, onClose }: DialogProps): ReactElement {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog ref={element} className={className} aria-label={title} onClose={onClose}>
      <button
        type="button"
        className="button plain dialog-close"
        title="Close"
        onClick={() => element.current?.close()}
      >
        <Icon name="close" />
        <span className="hidden-text">Close</span>
      </button>
      {children}
    </dialog>
  )
}
