// Makes an API token and shows it this once: it lives in this dialog alone, and is gone with it.
import { Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '@/shared/api/keys';
import { CopyField } from '@/shared/components/CopyField';
import { Failure } from '@/shared/components/Feedback';
import { useSubmit } from '@/shared/forms';
import { account } from '@/text/en/account';
import { common } from '@/text/en/common';
import { createToken, type Scope } from '../api';
import { EXPIRIES, expiresAt, type Expiry } from '../expiry';

const text = account.tokens;
const SCOPES: readonly Scope[] = ['read', 'write', 'live'];

export function NewToken({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [made, setMade] = useState<{ name: string; token: string }>();
  const close = () => {
    setMade(undefined);
    onClose();
  };
  return (
    // A click beside it must not lose a token that is not copied yet.
    <Modal opened={opened} onClose={close} title={made ? text.madeTitle : text.create} centered closeOnClickOutside={!made} closeOnEscape={!made}>
      {made ? (
        <Stack gap="md">
          <CopyField label={text.made(made.name)} description={text.madeText} value={made.token} secret />
          <Group justify="flex-end"><Button onClick={close}>{text.done}</Button></Group>
        </Stack>
      ) : (
        <NewTokenForm onMade={setMade} onCancel={close} />
      )}
    </Modal>
  );
}

function NewTokenForm({ onMade, onCancel }: { onMade: (made: { name: string; token: string }) => void; onCancel: () => void }) {
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: '', scopes: ['read'] as Scope[], expiresAt: 'quarter' as Expiry },
    validate: { name: (name) => (name.trim() ? null : account.needed('token’s name')), scopes: (scopes) => (scopes.length > 0 ? null : text.scopeNeeded) },
  });
  const { submit, busy, failure } = useSubmit(form, async ({ name, scopes, expiresAt: expiry }) => {
    const token = await createToken({ name: name.trim(), scopes, expiresAt: expiresAt(expiry, Date.now()) });
    onMade({ name: name.trim(), token });
    void queries.invalidateQueries({ queryKey: keys.tokens });
  });
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
      {failure !== undefined && <Failure error={failure} />}
      <TextInput label={text.name} description={text.nameHelp} autoComplete="off" maxLength={100} data-autofocus {...form.getInputProps('name')} />
      <Checkbox.Group label={text.scopes} {...form.getInputProps('scopes')}>
        <Stack gap="sm" mt="sm">
          {SCOPES.map((scope) => <Checkbox key={scope} value={scope} label={text.scope[scope]} description={text.scopeHelp[scope]} />)}
        </Stack>
      </Checkbox.Group>
      <Select label={text.expiry} data={EXPIRIES.map((value) => ({ value, label: text.expiries[value]! }))} allowDeselect={false} checkIconPosition="right" {...form.getInputProps('expiresAt')} />
      <Text c="dimmed" size="sm">{text.text}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>{common.cancel}</Button>
        <Button type="submit" loading={busy}>{text.make}</Button>
      </Group>
      </Stack>
    </form>
  );
}
