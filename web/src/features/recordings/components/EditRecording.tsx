import { Button, Group, Modal, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Failure } from '@/shared/components/Feedback';
import { useSubmit } from '@/shared/forms';
import { common } from '@/text/en/common';
import { recordings } from '@/text/en/recordings';
import { useChangeRecording } from '../api';
import { titleOf, type Recording } from '../recording';

const text = recordings.editor;

export function EditRecording({ recording, onClose }: { recording: Recording | undefined; onClose: () => void }) {
  // Stays while the dialog fades.
  const [last, setLast] = useState(recording);
  if (recording && recording !== last) setLast(recording);
  return (
    <Modal opened={recording !== undefined} onClose={onClose} title={text.title} centered>
      {last && <EditForm key={last.id} recording={last} onDone={onClose} />}
    </Modal>
  );
}

function EditForm({ recording, onDone }: { recording: Recording; onDone: () => void }) {
  const change = useChangeRecording();
  const form = useForm({
    initialValues: { title: recording.title, description: recording.description, visibility: recording.visibility },
    validate: { title: (title) => (title.trim() ? null : text.nameNeeded) },
  });
  const { submit, busy, failure } = useSubmit(form, async ({ title, description, visibility }) => {
    const saved = await change.mutateAsync({ id: recording.id, change: { title: title.trim(), description, visibility } });
    notifications.show({ message: text.saved(titleOf(saved)) });
    onDone();
  });
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        {failure !== undefined && <Failure error={failure} />}
        <TextInput label={text.name} autoComplete="off" maxLength={200} data-autofocus {...form.getInputProps('title')} />
        <Textarea label={text.description} autosize minRows={3} maxRows={10} maxLength={5000} {...form.getInputProps('description')} />
        <Radio.Group label={text.visibility} {...form.getInputProps('visibility')}>
          <Stack gap="sm" mt="sm">
            <Radio value="public" label={text.public} description={text.publicHelp} />
            <Radio value="private" label={text.private} description={text.privateHelp} />
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>{common.cancel}</Button>
          <Button type="submit" loading={busy}>{common.save}</Button>
        </Group>
      </Stack>
    </form>
  );
}
