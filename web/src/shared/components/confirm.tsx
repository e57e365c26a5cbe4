// Asks before what cannot be taken back: const confirm = useConfirm(); if (await confirm({title, text, action})) …
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { common } from '@/text/en/common';

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
      <Modal opened={open !== undefined} onClose={() => settle(false)} title={last?.title} centered>
        <Stack>
          <Text component="div">{last?.text}</Text>
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={() => settle(false)}>{common.cancel}</Button>
            <Button onClick={() => settle(true)}>{last?.action}</Button>
          </Group>
        </Stack>
      </Modal>
    </ConfirmContext.Provider>
  );
}

export function useConfirm(): Ask {
  const ask = useContext(ConfirmContext);
  if (!ask) throw new Error('there is no ConfirmProvider around this component');
  return ask;
}
