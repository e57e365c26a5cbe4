// What a show is: its words, its time, who may watch, where it goes.
import { Button, Checkbox, Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { ApiError } from '@/shared/api/client';
import { Failure } from '@/shared/components/Feedback';
import { artist } from '@/text/en/artist';
import { common } from '@/text/en/common';
import { useChoices, useSaveLivestream, type Livestream } from '../api';
import { initialWish, wishOf, WHERES, type FormValues } from '../wish';

interface Props {
  /** Without one, a new one is made. */
  livestream?: Livestream;
  onDone: (livestream: Livestream) => void;
  onCancel?: () => void;
}

// The contract's fields by the names of the form's.
const FIELDS: Record<string, keyof FormValues> = {
  title: 'title',
  description: 'description',
  scheduled_at: 'when',
  token_gate_amount: 'gate',
  station_id: 'stationId',
  record: 'record',
  destination_ids: 'destinationIds',
  profile_id: 'profileId',
  visibility: 'visibility',
};

export function LivestreamForm({ livestream, onDone, onCancel }: Props) {
  const save = useSaveLivestream(livestream?.id);
  const { stations, destinations, profiles } = useChoices();
  const form = useForm<FormValues>({ initialValues: initialWish(livestream) });
  const { title, where, when } = form.values;
  const words = artist.form;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = destinations.data ?? [];

  const send = form.onSubmit(async (values) => {
    try {
      const saved = await save.mutateAsync(wishOf(values, known.filter(({ isActive }) => isActive).map(({ id }) => id), livestream));
      notifications.show({ message: livestream ? common.saved : artist.created, color: 'gray' });
      onDone(saved);
    } catch (failure) {
      const field = failure instanceof ApiError && failure.field ? FIELDS[failure.field.split(/[.[]/)[0]!] : undefined;
      if (field) form.setFieldError(field, (failure as ApiError).message);
    }
  });
  const told = Object.keys(form.errors).length > 0;

  return (
    <form onSubmit={send} noValidate>
      <Stack>
        <TextInput label={words.title} required withAsterisk={false} maxLength={200} data-autofocus dir="auto" {...form.getInputProps('title')} />
        <Textarea label={words.description} maxLength={5000} autosize minRows={2} maxRows={8} dir="auto" {...form.getInputProps('description')} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <TextInput
            type="datetime-local"
            label={words.when}
            description={words.whenHint(zone)}
            {...form.getInputProps('when')}
            error={form.errors.when ?? (when && new Date(when) < new Date() && !livestream ? words.whenPast : undefined)}
          />
          <Select
            label={words.visibility}
            description={words.visibilityHints[form.values.visibility]}
            allowDeselect={false}
            data={(['public', 'unlisted', 'private'] as const).map((value) => ({ value, label: words.visibilities[value] }))}
            {...form.getInputProps('visibility')}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          <Select
            label={words.station}
            clearable
            placeholder={words.noStation}
            data={(stations.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('stationId')}
          />
          <Select label={words.where} allowDeselect={false} data={WHERES.map((value) => ({ value, label: words.wheres[value] }))} {...form.getInputProps('where')} />
        </SimpleGrid>
        {where === 'all' && destinations.data?.length === 0 && <Text c="dimmed" size="sm">{words.noDestinations}</Text>}
        {where === 'chosen' &&
          (known.length === 0 && !destinations.isPending ? (
            <Text c="dimmed" size="sm">{words.noDestinations}</Text>
          ) : (
            <MultiSelect
              label={words.destinations}
              searchable
              data={known.map(({ id, name, isActive }) => ({ value: id, label: isActive ? name : `${name} (${words.inactive})` }))}
              {...form.getInputProps('destinationIds')}
            />
          ))}
        {where === 'profile' &&
          (profiles.data?.length === 0 ? (
            <Text c="dimmed" size="sm">{words.noProfiles}</Text>
          ) : (
            <Select label={words.profile} data={(profiles.data ?? []).map(({ id, name }) => ({ value: id, label: name }))} {...form.getInputProps('profileId')} />
          ))}
        <NumberInput label={words.gate} description={words.gateHint} suffix={` ${words.gateUnit}`} min={0} max={1_000_000_000_000} allowDecimal={false} allowNegative={false} thousandSeparator=" " maw={360} {...form.getInputProps('gate')} />
        <Checkbox label={words.record} description={words.recordHint} {...form.getInputProps('record', { type: 'checkbox' })} />
        {save.error && !told && <Failure error={save.error} />}
        <Group justify="flex-end">
          {onCancel && <Button variant="default" onClick={onCancel}>{common.cancel}</Button>}
          <Button type="submit" loading={save.isPending} disabled={title.trim() === '' || (where === 'all' && destinations.isPending)}>{livestream ? common.save : artist.create}</Button>
        </Group>
      </Stack>
    </form>
  );
}
