import { Anchor, Button, Group, List, PasswordInput, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { isPushUrl, splitPastedUrl } from '@/features/multistream/splitUrl';
import { keys } from '@/shared/api/keys';
import { Failure, Loading } from '@/shared/components/Feedback';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { Section } from '@/shared/components/Section';
import { useSubmit } from '@/shared/forms';
import { setup } from '@/text/en/setup';
import { createDestination, usePlatforms, type Platform } from '../api';

const text = setup.destination;

export function DestinationStep({ onSkip }: { onSkip: () => void }) {
  const platforms = usePlatforms();
  if (platforms.isError) return <Failure error={platforms.error} onRetry={() => void platforms.refetch()} />;
  if (!platforms.data) return <Loading height={360} />;
  return <DestinationForm platforms={platforms.data} onSkip={onSkip} />;
}

function DestinationForm({ platforms, onSkip }: { platforms: readonly Platform[]; onSkip: () => void }) {
  const queries = useQueryClient();
  const find = (id: string) => platforms.find((one) => one.id === id);
  const asksUrl = (id: string) => find(id)?.ingestUrls.length === 0;
  const form = useForm({
    initialValues: { platform: platforms[0]?.id ?? 'custom', rtmpUrl: '', streamKey: '' },
    validate: {
      rtmpUrl: (url, { platform }) => (url.trim() || !asksUrl(platform) ? null : text.urlNeeded),
      streamKey: (key) => (key ? null : text.keyNeeded),
    },
  });
  const { submit, busy, failure } = useSubmit(form, async ({ platform, rtmpUrl, streamKey }) => {
    await createDestination({ platform, streamKey, ...(rtmpUrl.trim() && { rtmpUrl: rtmpUrl.trim() }) });
    await queries.invalidateQueries({ queryKey: keys.destinations });
  });
  const split = (pasted: string) => {
    if (!isPushUrl(pasted)) return false;
    const { serverUrl, key } = splitPastedUrl(pasted);
    form.setValues({ rtmpUrl: serverUrl, ...(key && { streamKey: key }) });
    return true;
  };
  const onPaste = (event: React.ClipboardEvent) => {
    if (split(event.clipboardData.getData('text'))) event.preventDefault();
  };
  const platform = find(form.values.platform);
  const showUrl = asksUrl(form.values.platform) || form.values.rtmpUrl !== '';
  return (
    <Section title={text.title} description={text.text} onSubmit={submit}>
      {failure !== undefined && <Failure error={failure} />}
      <Select
        label={text.platform}
        data={platforms.map(({ id, name }) => ({ value: id, label: name }))}
        allowDeselect={false}
        leftSection={<PlatformMark platform={form.values.platform} size={16} />}
        {...form.getInputProps('platform')}
        onChange={(id) => id && form.setValues({ platform: id as Platform['id'], rtmpUrl: '' })}
      />
      {showUrl && (
        <TextInput
          label={text.url}
          description={asksUrl(form.values.platform) ? text.urlHelp : undefined}
          placeholder={platform?.urlPlaceholder ?? undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={2048}
          onPaste={onPaste}
          {...form.getInputProps('rtmpUrl')}
        />
      )}
      <PasswordInput
        label={text.key}
        description={text.keyHelp}
        placeholder={platform?.key.placeholder ?? undefined}
        autoComplete="off"
        maxLength={2048}
        visibilityToggleButtonProps={{ 'aria-label': text.showKey, tabIndex: 0 }}
        onPaste={onPaste}
        {...form.getInputProps('streamKey')}
      />
      {platform && <KeyHelp platform={platform} />}
      <Group>
        <Button type="submit" loading={busy}>{text.action}</Button>
        <Button variant="default" onClick={onSkip}>{setup.skip}</Button>
      </Group>
    </Section>
  );
}

function KeyHelp({ platform: { name, key, advice } }: { platform: Platform }) {
  return (
    <List size="sm" c="dimmed" spacing="xs" mih={72}>
      {key.help && (
        <List.Item>
          {text.where(key.help)}{' '}
          {key.page && <Anchor href={key.page} target="_blank" rel="noreferrer noopener" inherit underline="always">{text.open(name)}</Anchor>}
        </List.Item>
      )}
      {key.description && <List.Item>{text.looks(key.description)}</List.Item>}
      {advice.slice(0, 1).map((one) => <List.Item key={one}><Text inherit span>{one}</Text></List.Item>)}
    </List>
  );
}
