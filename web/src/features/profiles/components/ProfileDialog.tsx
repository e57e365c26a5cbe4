// Makes or changes a profile. Loaded when it is first needed.
import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { DestinationChoice } from '@/features/golive/components/DestinationChoice';
import { useDestinations } from '@/features/multistream/api';
import { ApiError } from '@/shared/api/client';
import { Failure, messageOf } from '@/shared/components/Feedback';
import { common } from '@/text/en/common';
import { multistream } from '@/text/en/multistream';
import { useSaveProfile, type Profile } from '../api';

const words = multistream.profile;

export default function ProfileDialog({ profile, onClose }: { profile?: Profile; onClose: () => void }) {
  const destinations = useDestinations();
  const save = useSaveProfile();
  const [name, setName] = useState(profile?.name ?? '');
  const [description, setDescription] = useState(profile?.description ?? '');
  const [chosen, setChosen] = useState<string[]>(profile?.destinations.map(({ destinationId }) => destinationId) ?? []);
  const [isDefault, setDefault] = useState(profile?.isDefault ?? false);
  const [recordingEnabled, setRecording] = useState(profile?.recordingEnabled ?? false);
  const wrong = save.error instanceof ApiError ? save.error.field : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What its destinations are set to in this profile stays.
    const settings = new Map(profile?.destinations.map((one) => [one.destinationId, one.settings]));
    const ids = chosen.filter((id) => destinations.data?.some((one) => one.id === id));
    const parts = ids.map((destinationId) => {
      const own = settings.get(destinationId);
      return own ? { destinationId, settings: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null)) } : { destinationId };
    });
    save.mutate({ id: profile?.id, wanted: { name, description, destinations: parts, isDefault, recordingEnabled } }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} centered size="lg" title={profile ? words.editTitle(profile.name) : words.addTitle}>
      <form onSubmit={submit} noValidate autoComplete="off">
        <Stack>
          <TextInput label={words.name} value={name} maxLength={100} data-autofocus required error={wrong === 'name' && messageOf(save.error)} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput label={words.description} value={description} maxLength={5000} error={wrong === 'description' && messageOf(save.error)} onChange={(event) => setDescription(event.currentTarget.value)} />
          <DestinationChoice label={words.destinations} destinations={destinations.data ?? []} value={chosen} onChange={setChosen} />
          <Switch label={words.isDefault} checked={isDefault} onChange={(event) => setDefault(event.currentTarget.checked)} />
          <Switch label={words.record} checked={recordingEnabled} onChange={(event) => setRecording(event.currentTarget.checked)} />
          {save.isError && wrong !== 'name' && wrong !== 'description' && <Failure error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common.cancel}</Button>
            <Button type="submit" loading={save.isPending}>{profile ? common.save : words.create}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
