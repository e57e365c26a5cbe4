import { Button, Group, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { Failure } from '@/shared/components/Feedback';
import { Section } from '@/shared/components/Section';
import { useSubmit } from '@/shared/forms';
import { account as text } from '@/text/en/account';
import { changePassword } from '../api';
import { checks } from './AccountFields';

export function PasswordForm({ email }: { email: string }) {
  const form = useForm({
    initialValues: { currentPassword: '', newPassword: '' },
    validate: {
      currentPassword: (password) => (password ? null : text.needed('current password')),
      newPassword: (password, values) => (password === values.currentPassword && password ? text.settings.samePassword : checks.password(password)),
    },
  });
  const { submit, busy, failure } = useSubmit(form, async (change) => {
    await changePassword(change);
    form.reset();
    notifications.show({ message: text.settings.passwordChanged });
  });
  const toggle = { 'aria-label': text.showPassword, tabIndex: 0 };
  return (
    <Section title={text.settings.passwordTitle} description={text.settings.passwordText} onSubmit={submit}>
      {failure !== undefined && <Failure error={failure} />}
      {/* Tells password managers whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput label={text.settings.currentPassword} autoComplete="current-password" maxLength={256} visibilityToggleButtonProps={toggle} {...form.getInputProps('currentPassword')} />
      <PasswordInput label={text.settings.newPassword} description={text.passwordRule} autoComplete="new-password" maxLength={256} visibilityToggleButtonProps={toggle} {...form.getInputProps('newPassword')} />
      <Group><Button type="submit" variant="default" loading={busy}>{text.settings.changePassword}</Button></Group>
    </Section>
  );
}
