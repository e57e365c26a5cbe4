import { Button, Group, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { AccountFields, checks, noAccount } from '@/features/account/components/AccountFields';
import { Failure } from '@/shared/components/Feedback';
import { Section } from '@/shared/components/Section';
import { useSubmit } from '@/shared/forms';
import { useSession } from '@/shared/session/useSession';
import { setup } from '@/text/en/setup';

const text = setup.account;

/** `code`: what the link brought. It is kept nowhere else. */
export function AccountStep({ code }: { code: string | undefined }) {
  const session = useSession();
  const form = useForm({
    initialValues: { ...noAccount, setupCode: code ?? '' },
    validate: { ...checks, setupCode: (value) => (value.trim() ? null : text.codeNeeded) },
  });
  const { submit, busy, failure } = useSubmit(form, ({ name, email, password, setupCode }) =>
    session.register({ name: name.trim(), email: email.trim(), password, setupCode: setupCode.trim() }),
  );
  const asked = code === undefined || form.errors.setupCode !== undefined || form.isDirty('setupCode');
  return (
    <Section title={text.title} description={text.text} onSubmit={submit}>
      {failure !== undefined && <Failure error={failure} />}
      {asked ? (
        <TextInput label={text.code} description={text.codeHelp} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} autoComplete="off" spellCheck={false} maxLength={100} {...form.getInputProps('setupCode')} />
      ) : (
        <Text c="dimmed" size="sm">{text.codeFromLink}</Text>
      )}
      <AccountFields form={form} />
      <Group><Button type="submit" loading={busy}>{text.action}</Button></Group>
    </Section>
  );
}
