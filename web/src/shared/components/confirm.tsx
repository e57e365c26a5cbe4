// Asks before what cannot be taken back: const confirm = useConfirm(); if (await confirm({title, text, action})) …
import { createContext, lazy, Suspense, useCallback, useContext, useState, type ReactNode } from 'react';

// Fetched when something is asked for the first time.
const ConfirmDialog = lazy(() => import('./ConfirmDialog'));

export interface Question {
  title: string;
  text: ReactNode;
  /** The word on the button that does it. */
  action: string;
}
type Ask = (question: Question) => Promise<boolean>;
const ConfirmContext = createContext<Ask | undefined>(undefined);

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<(Question & { answer: (yes: boolean) => void }) | undefined>();
  const [last, setLast] = useState<Question | undefined>();
  const ask = useCallback<Ask>(
    (question) =>
      new Promise((resolve) => {
        setLast(question);
        setOpen({ ...question, answer: resolve });
      }),
    [],
  );
  const settle = (yes: boolean) => {
    open?.answer(yes);
    setOpen(undefined);
  };
  return (
    <ConfirmContext.Provider value={ask}>
      {children}
      {last && <Suspense><ConfirmDialog opened={open !== undefined} question={last} onAnswer={settle} /></Suspense>}
    </ConfirmContext.Provider>
  );
}

export function useConfirm(): Ask {
  const ask = useContext(ConfirmContext);
  if (!ask) throw new Error('there is no ConfirmProvider around this component');
  return ask;
}
