import { Button, Group, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { keys } from '@/shared/api/keys';
import { Failure } from '@/shared/components/Feedback';
import { Section } from '@/shared/components/Section';
import { useSubmit } from '@/shared/forms';
import { setup } from '@/text/en/setup';
import { createStation } from '../api';
import { slugOf } from '../steps';

const text = setup.station;

export function StationStep() {
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: '', slug: '', description: '' },
    validate: { name: (name) => (name.trim() ? null : text.nameNeeded) },
  });
  const { submit, busy, failure } = useSubmit(form, async ({ name, slug, description }) => {
    const address = slug.trim() || slugOf(name);
    await createStation({ name: name.trim(), ...(address && { slug: address }), description: description.trim() });
    await queries.invalidateQueries({ queryKey: keys.stations });
  });
  const proposed = slugOf(form.values.name);
  return (
    <Section title={text.title} description={text.text} onSubmit={submit}>
      {failure !== undefined && <Failure error={failure} />}
      <TextInput label={text.name} placeholder={text.placeholder} autoComplete="off" maxLength={100} {...form.getInputProps('name')} />
      <TextInput
        label={text.slug}
        description={text.slugHelp(`${location.origin}/tv-stations/${form.values.slug || proposed || '…'}`)}
        placeholder={proposed}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={63}
        {...form.getInputProps('slug')}
      />
      <Textarea label={text.description} description={text.optional} autosize minRows={2} maxRows={6} maxLength={5000} {...form.getInputProps('description')} />
      <Group><Button type="submit" loading={busy}>{text.action}</Button></Group>
    </Section>
  );
}
