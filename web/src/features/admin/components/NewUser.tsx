import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { AccountFields, checks, noAccount } from '@/features/account/components/AccountFields';
import { keys } from '@/shared/api/keys';
import { Failure } from '@/shared/components/Feedback';
import { useSubmit } from '@/shared/forms';
import { admin } from '@/text/en/admin';
import { common } from '@/text/en/common';
import { createUser, type Role } from '../api';
import { ROLES } from './roles';

const text = admin.create;

export function NewUser({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return <Modal opened={opened} onClose={onClose} title={text.title} centered><NewUserForm onDone={onClose} /></Modal>;
}

function NewUserForm({ onDone }: { onDone: () => void }) {
  const queries = useQueryClient();
  const form = useForm({ initialValues: { ...noAccount, role: 'broadcaster' as Role }, validate: checks });
  const { submit, busy, failure } = useSubmit(form, async ({ name, email, password, role }) => {
    const { user } = await createUser({ name: name.trim(), email: email.trim(), password, role });
    notifications.show({ message: text.made(user.name) });
    void queries.invalidateQueries({ queryKey: keys.users });
    onDone();
  });
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        {failure !== undefined && <Failure error={failure} />}
        <AccountFields form={form} own={false} />
        <Select label={admin.users.role} data={ROLES} allowDeselect={false} {...form.getInputProps('role')} />
        <Text c="dimmed" size="sm">{text.text}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>{common.cancel}</Button>
          <Button type="submit" loading={busy}>{text.action}</Button>
        </Group>
      </Stack>
    </form>
  );
}
