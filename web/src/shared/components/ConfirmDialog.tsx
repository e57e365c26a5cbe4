import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { common } from '@/text/en/common';
import type { Question } from './confirm';

const ABOVE = 300;

export default function ConfirmDialog({ opened, question, onAnswer }: { opened: boolean; question: Question; onAnswer: (yes: boolean) => void }) {
  return (
    // Above the dialog that asks.
    <Modal zIndex={ABOVE} opened={opened} onClose={() => onAnswer(false)} title={question.title} centered closeButtonProps={{ 'aria-label': common.close }}>
      <Stack>
        <Text component="div">{question.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={() => onAnswer(false)}>{common.cancel}</Button>
          <Button onClick={() => onAnswer(true)}>{question.action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
