import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Failure } from '@/shared/components/Feedback';
import { formatNumber } from '@/shared/format';
import { useSubmit } from '@/shared/forms';
import { admin } from '@/text/en/admin';
import { common } from '@/text/en/common';
import { useGrantTokens, type User } from '../api';
import { amountOf } from '../users';

const text = admin.grant;

export function GrantTokens({ user, onClose }: { user: User | undefined; onClose: () => void }) {
  // Stays while the dialog fades.
  const [last, setLast] = useState(user);
  if (user && user !== last) setLast(user);
  return (
    <Modal opened={user !== undefined} onClose={onClose} title={last && text.title(last.name)} centered>
      {last && <GrantForm key={last.id} user={last} onDone={onClose} />}
    </Modal>
  );
}

function GrantForm({ user, onDone }: { user: User; onDone: () => void }) {
  const grant = useGrantTokens();
  const form = useForm({
    initialValues: { amount: '' as string | number },
    validate: { amount: (typed) => (amountOf(typed) === undefined ? text.amountNeeded : null) },
  });
  const { submit, busy, failure } = useSubmit(form, async ({ amount }) => {
    const changed = await grant.mutateAsync({ id: user.id, amount: amountOf(amount)! });
    notifications.show({ title: text.title(changed.name), message: text.now(formatNumber(changed.tokenBalance)) });
    onDone();
  });
  const amount = amountOf(form.values.amount) ?? 0;
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        {failure !== undefined && <Failure error={failure} />}
        <Text>{text.now(formatNumber(user.tokenBalance))}</Text>
        <NumberInput label={text.amount} description={text.amountHelp} allowDecimal={false} thousandSeparator=" " hideControls data-autofocus {...form.getInputProps('amount')} />
        <Text c="dimmed" aria-live="polite">{text.after(formatNumber(Math.max(0, user.tokenBalance + amount)))}</Text>
        <Text c="dimmed" size="sm">{text.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>{common.cancel}</Button>
          <Button type="submit" loading={busy}>{text.action}</Button>
        </Group>
      </Stack>
    </form>
  );
}
