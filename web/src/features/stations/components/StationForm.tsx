// A station's name, address and description, for a new one or for one that there is.
import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { ApiError } from '@/shared/api/client';
import { Failure } from '@/shared/components/Feedback';
import { common } from '@/text/en/common';
import { stations } from '@/text/en/stations';
import { useSaveStation, type Station } from '../api';
import { slugOf } from '../slug';

interface Props {
  /** Without one, a new one is made. */
  station?: Station;
  onDone: (station: Station) => void;
  onCancel?: () => void;
}

const FIELDS = ['name', 'slug', 'description'];

export function StationForm({ station, onDone, onCancel }: Props) {
  const save = useSaveStation(station?.id);
  const form = useForm({
    initialValues: { name: station?.name ?? '', slug: station?.slug ?? '', description: station?.description ?? '' },
  });
  const { name, slug } = form.values;
  const address = `${location.host}/tv-stations/${slug || slugOf(name) || '…'}`;
  const send = form.onSubmit(async (values) => {
    try {
      const saved = await save.mutateAsync({ name: values.name.trim(), description: values.description, slug: values.slug.trim() || undefined });
      notifications.show({ message: station ? common.saved : stations.made(saved.name), color: 'gray' });
      onDone(saved);
    } catch (failure) {
      if (failure instanceof ApiError && failure.code === 'slug_taken') form.setFieldError('slug', failure.message);
      else if (failure instanceof ApiError && failure.field && FIELDS.includes(failure.field)) form.setFieldError(failure.field, failure.message);
    }
  });
  const told = Object.keys(form.errors).length > 0;
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        <TextInput label={stations.name} required withAsterisk={false} maxLength={100} data-autofocus dir="auto" {...form.getInputProps('name')} />
        <TextInput
          label={stations.slug}
          description={`${stations.slugHint(address)}. ${station ? (slug !== station.slug ? stations.slugChanges : '') : stations.slugNew}`}
          maxLength={63}
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('slug')}
        />
        <Textarea label={stations.description} maxLength={5000} autosize minRows={3} maxRows={10} dir="auto" {...form.getInputProps('description')} />
        {save.error && !told && <Failure error={save.error} />}
        <Group justify="flex-end">
          {onCancel && <Button variant="default" onClick={onCancel}>{common.cancel}</Button>}
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>{station ? common.save : stations.create}</Button>
        </Group>
      </Stack>
    </form>
  );
}
