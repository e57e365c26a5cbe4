import { Button, Group, PasswordInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { Failure } from '@/shared/components/Feedback';
import { Section } from '@/shared/components/Section';
import { formatDateTime, formatNumber } from '@/shared/format';
import { useSubmit } from '@/shared/forms';
import type { User } from '@/shared/session/session';
import { account as text } from '@/text/en/account';
import { common } from '@/text/en/common';
import { useUpdateMe } from '../api';
import { checks } from './AccountFields';

export function ProfileForm({ user }: { user: User }) {
  const update = useUpdateMe();
  const form = useForm({
    initialValues: { name: user.name, email: user.email, currentPassword: '' },
    validate: {
      name: checks.name,
      email: checks.email,
      currentPassword: (password, values) => (values.email.trim() === user.email || password ? null : text.settings.currentForEmail),
    },
  });
  const newEmail = form.values.email.trim() !== user.email;
  const { submit, busy, failure } = useSubmit(form, async ({ name, email, currentPassword }) => {
    const changed = await update.mutateAsync({ name: name.trim(), ...(newEmail && { email: email.trim(), currentPassword }) });
    form.setValues({ name: changed.name, email: changed.email, currentPassword: '' });
    form.resetDirty({ name: changed.name, email: changed.email, currentPassword: '' });
    notifications.show({ message: text.settings.profileSaved });
  });
  return (
    <Section title={text.settings.profile} onSubmit={submit}>
      {failure !== undefined && <Failure error={failure} />}
      <TextInput label={text.name} autoComplete="name" maxLength={100} {...form.getInputProps('name')} />
      <TextInput label={text.email} type="email" autoComplete="email" maxLength={254} {...form.getInputProps('email')} />
      {newEmail && (
        <PasswordInput
          label={text.settings.currentPassword}
          description={text.settings.currentForEmail}
          autoComplete="current-password"
          maxLength={256}
          visibilityToggleButtonProps={{ 'aria-label': text.showPassword, tabIndex: 0 }}
          {...form.getInputProps('currentPassword')}
        />
      )}
      <Text c="dimmed" size="sm">
        {text.settings.role(text.roles[user.role] ?? user.role)} {text.settings.since(formatDateTime(user.createdAt))}{' '}
        {user.tokenBalance > 0 && text.settings.balance(formatNumber(user.tokenBalance))}
      </Text>
      <Group><Button type="submit" loading={busy} disabled={!form.isDirty()}>{common.save}</Button></Group>
    </Section>
  );
}
