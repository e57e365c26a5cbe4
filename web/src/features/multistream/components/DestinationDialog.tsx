// Adds or changes a destination. Loaded when it is first needed.
import { ActionIcon, Autocomplete, Button, Group, Modal, NumberInput, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { ApiError } from '@/shared/api/client';
import { Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { common } from '@/text/en/common';
import { multistream } from '@/text/en/multistream';
import { useChangeDestination, useCreateDestination, usePlatforms, type Platform } from '../api';
import { formOf, toChange, toCreate, withPlatform, type DestinationForm } from '../destinationForm';
import type { Destination } from '../patch';
import { isPushUrl, splitPastedUrl } from '../splitUrl';
import classes from './DestinationDialog.module.css';
import { PlatformAdvice } from './PlatformAdvice';
import { PlatformPicker } from './PlatformPicker';
import { StationSelect } from './StationSelect';

const words = multistream.dialog;

interface Props {
  destination?: Destination;
  /** Of a new one, at first. */
  platform?: string;
  onClose: () => void;
  onCreated?: (made: Destination) => void;
}

export default function DestinationDialog({ destination, platform, onClose, onCreated }: Props) {
  const platforms = usePlatforms();
  return (
    <Modal opened onClose={onClose} size={880} centered title={destination ? words.editTitle(destination.name) : words.addTitle}>
      {platforms.isPending && <Loading height={480} />}
      {platforms.isError && <Failure error={platforms.error} onRetry={() => void platforms.refetch()} />}
      {platforms.data && <Fields platforms={platforms.data} destination={destination} platform={platform} onClose={onClose} onCreated={onCreated} />}
    </Modal>
  );
}

function Fields({ platforms, destination, platform: wanted, onClose, onCreated }: Props & { platforms: Platform[] }) {
  const [form, setForm] = useState<DestinationForm>(() => formOf(destination, platforms.find(({ id }) => id === (destination?.platform ?? wanted)) ?? platforms[0]));
  const [errors, setErrors] = useState<Partial<Record<string, string>>>({});
  const [general, setGeneral] = useState<unknown>();
  const [split, setSplit] = useState(false);
  const [keyShown, setKeyShown] = useState(false);
  const [more, setMore] = useState(false);
  const create = useCreateDestination();
  const change = useChangeDestination();
  const platform = platforms.find(({ id }) => id === form.platform)!;

  const set = (part: Partial<DestinationForm>) => {
    setForm((old) => ({ ...old, ...part }));
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([field]) => !(field in part))));
  };
  // Whatever holds both is taken apart, wherever it was put.
  const takeApart = (text: string): boolean => {
    const { serverUrl, key } = splitPastedUrl(text);
    if (key === '') return false;
    set({ rtmpUrl: serverUrl, streamKey: key });
    setSplit(true);
    return true;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setGeneral(undefined);
    const failed = (error: unknown) => {
      const field = error instanceof ApiError ? error.field : undefined;
      if (field && field in form) {
        setErrors({ [field]: messageOf(error) });
        if (field === 'maxRetries' || field === 'playbackUrl' || field === 'stationId') setMore(true);
      } else setGeneral(error);
    };
    if (destination) {
      change.mutate({ id: destination.id, change: toChange(form, destination) }, {
        onSuccess: (saved) => {
          notifications.show({ message: words.saved(saved.name) });
          onClose();
        },
        onError: failed,
      });
    } else {
      create.mutate(toCreate(form), {
        onSuccess: (made) => {
          notifications.show({ message: words.created(made.name) });
          onCreated?.(made);
          onClose();
        },
        onError: failed,
      });
    }
  };
  const busy = create.isPending || change.isPending;
  const bridgeShown = platform.bridgeNeeded || form.bridgeProxyUrl !== '' || more;
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack>
        <PlatformPicker platforms={platforms} value={form.platform} onChange={(to) => { setForm((old) => withPlatform(old, to, platform)); setErrors({}); setSplit(false); }} />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          <Stack gap="sm">
            <TextInput label={words.name} description={words.nameHelp} placeholder={platform.name} value={form.name} error={errors.name} maxLength={100} autoComplete="off" onChange={(event) => set({ name: event.currentTarget.value })} />
            <Autocomplete
              label={words.server}
              description={words.serverPaste}
              data={platform.ingestUrls.map(({ url }) => url)}
              filter={({ options }) => options}
              placeholder={platform.urlPlaceholder ?? 'rtmps://'}
              value={form.rtmpUrl}
              error={errors.rtmpUrl}
              spellCheck={false}
              onChange={(rtmpUrl) => { setSplit(false); set({ rtmpUrl }); }}
              onPaste={(event) => takeApart(event.clipboardData.getData('text')) && event.preventDefault()}
            />
            <div role="status">{split && <Text size="sm" c="dimmed">{words.split}</Text>}</div>
            <TextInput
              label={words.key}
              description={destination?.streamKeyMasked ? words.keyEdit(destination.streamKeyMasked) : platform.key.description ? words.keyLooks(platform.key.description) : undefined}
              placeholder={destination?.streamKeyMasked ?? undefined}
              value={form.streamKey}
              error={errors.streamKey}
              classNames={{ input: keyShown ? classes.key : `${classes.key} ${classes.hidden}` }}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              data-1p-ignore
              data-lpignore="true"
              onChange={(event) => set({ streamKey: event.currentTarget.value })}
              onPaste={(event) => {
                const text = event.clipboardData.getData('text');
                if (isPushUrl(text) && takeApart(text)) event.preventDefault();
              }}
              rightSection={<ActionIcon variant="subtle" color="gray" aria-label={keyShown ? words.hideKey : words.showKey} aria-pressed={keyShown} onClick={() => setKeyShown(!keyShown)}>{keyShown ? <IconEyeOff size={16} /> : <IconEye size={16} />}</ActionIcon>}
            />
            {bridgeShown && (
              <TextInput label={words.bridge} description={platform.bridgeNeeded ? words.bridgeHelp(platform.name) : words.bridgeOptional} placeholder="https://" value={form.bridgeProxyUrl} error={errors.bridgeProxyUrl} spellCheck={false} autoComplete="off" onChange={(event) => set({ bridgeProxyUrl: event.currentTarget.value })} />
            )}
            <Switch label={words.active} checked={form.isActive} onChange={(event) => set({ isActive: event.currentTarget.checked })} />
            {more && (
              <>
                <StationSelect label={words.station} none={words.everyStation} value={form.stationId} error={errors.stationId} onChange={(stationId) => set({ stationId })} />
                <NumberInput label={words.retries} description={words.retriesHelp} min={0} max={1000} allowDecimal={false} value={form.maxRetries} error={errors.maxRetries} onChange={(value) => set({ maxRetries: Number(value) || 0 })} />
                <TextInput label={words.playbackUrl} description={words.playbackHelp} placeholder="https://" value={form.playbackUrl} error={errors.playbackUrl} autoComplete="off" onChange={(event) => set({ playbackUrl: event.currentTarget.value })} />
              </>
            )}
            <Button variant="transparent" px={0} size="xs" aria-expanded={more} onClick={() => setMore(!more)} className={classes.start}>{more ? words.less : words.more}</Button>
          </Stack>
          <PlatformAdvice platform={platform} />
        </SimpleGrid>
        {general !== undefined && <Failure error={general} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" loading={busy}>{destination ? words.save : words.create}</Button>
        </Group>
      </Stack>
    </form>
  );
}
