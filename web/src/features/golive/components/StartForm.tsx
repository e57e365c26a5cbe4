// What the show is to be, beside what is known of encoder, platforms and link.
import { Button, Checkbox, Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useDestinations } from '@/features/multistream/api';
import { ApiError } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { useUser } from '@/shared/session/useSession';
import { golive } from '@/text/en/golive';
import { goLive, keyOf, useProfiles, type GoLive } from '../api';
import type { Stream } from '../streams';
import { DestinationChoice } from './DestinationChoice';
import classes from './GoLive.module.css';
import { Preflight } from './Preflight';

const OWN = 'own';
const NOBODY = 'nobody';

export function StartForm({ stream, onStarted }: { stream: Stream | undefined; onStarted: (streamId: string) => void }) {
  const queries = useQueryClient();
  const userId = useUser()?.id;
  const destinations = useDestinations();
  const profiles = useProfiles();
  const [key, setKey] = useState('');
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [way, setWay] = useState<string>();
  const [picked, setPicked] = useState<string[]>();
  const [record, setRecord] = useState<boolean>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  if (destinations.isPending || profiles.isPending) return <Loading height={320} />;
  if (destinations.isError) return <Failure error={destinations.error} onRetry={() => void destinations.refetch()} />;
  const fits = ({ stationId }: { stationId: string | null }) => !stationId || !stream?.stationId || stationId === stream.stationId;
  const offered = destinations.data.filter(fits);
  const own = (profiles.data ?? []).filter((one) => one.ownerId === userId && fits(one));
  const how = way ?? own.find(({ isDefault }) => isDefault)?.id ?? OWN;
  const profile = own.find(({ id }) => id === how);
  const chosen = how === NOBODY ? [] : profile ? profile.destinations.map(({ destinationId }) => destinationId) : (picked ?? offered.filter(({ isActive }) => isActive).map(({ id }) => id));
  const recording = record ?? profile?.recordingEnabled ?? false;
  const wrong = error instanceof ApiError ? error.field : undefined;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const wish: GoLive = { streamKey: stream ? await keyOf(stream) : key.trim(), title, description, recordingEnabled: recording, useMultistream: how !== NOBODY };
      if (stream?.stationId) wish.stationId = stream.stationId;
      if (profile) wish.profileId = profile.id;
      else if (how === OWN) wish.selectedEndpoints = [...chosen];
      const started = await goLive(wish);
      setKey('');
      await queries.invalidateQueries({ queryKey: keys.live });
      void queries.invalidateQueries({ queryKey: keys.stream(started.streamId) });
      onStarted(started.streamId);
    } catch (failure) {
      setError(failure);
      // It runs already: show it.
      if (failure instanceof ApiError && failure.code === 'already_live') void queries.invalidateQueries({ queryKey: keys.live });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate autoComplete="off">
      <div className={classes.columns}>
        <Stack gap="sm">
          {!stream && (
            <TextInput label={golive.key} description={golive.keyHelp} classNames={{ input: classes.key }} value={key} spellCheck={false} autoComplete="off" autoCapitalize="off" data-1p-ignore data-lpignore="true" error={wrong === 'streamKey' && messageOf(error)} onChange={(event) => setKey(event.currentTarget.value)} />
          )}
          <TextInput label={golive.name} placeholder={golive.nameHelp} value={title} maxLength={200} error={wrong === 'title' && messageOf(error)} onChange={(event) => setTitle(event.currentTarget.value)} />
          <Textarea label={golive.description} value={description} maxLength={5000} autosize minRows={2} maxRows={5} error={wrong === 'description' && messageOf(error)} onChange={(event) => setDescription(event.currentTarget.value)} />
          <Select
            label={golive.sendTo}
            allowDeselect={false}
            data={[{ value: OWN, label: golive.own }, ...own.map(({ id, name }) => ({ value: id, label: `${golive.profile}: ${name}` })), { value: NOBODY, label: golive.nobody }]}
            value={how}
            onChange={(value) => value && setWay(value)}
          />
          {how !== NOBODY && <DestinationChoice label={golive.destinations} destinations={profile ? offered.filter(({ id }) => chosen.includes(id)) : offered} value={chosen} disabled={profile !== undefined} onChange={setPicked} />}
          <Checkbox label={golive.record} checked={recording} onChange={(event) => setRecord(event.currentTarget.checked)} />
        </Stack>
        <div className={classes.aside}><Preflight stream={stream} destinations={offered.filter(({ id }) => chosen.includes(id))} /></div>
      </div>
      {error !== undefined && !['streamKey', 'title', 'description'].includes(wrong ?? '') && <Failure error={error} />}
      {error !== undefined && wrong === 'streamKey' && stream && <Failure error={error} />}
      <Group justify="flex-end" mt="md"><Button type="submit" loading={busy} disabled={!stream && key.trim() === ''}>{golive.start}</Button></Group>
    </form>
  );
}
