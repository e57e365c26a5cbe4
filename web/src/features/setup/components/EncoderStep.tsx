import { Button, Group, List, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { CopyField } from '@/shared/components/CopyField';
import { Section } from '@/shared/components/Section';
import { StatusMark } from '@/shared/components/StatusMark';
import { setup } from '@/text/en/setup';
import { useEncoder, type Station } from '../api';
import { encoderFacts } from '../encoder';

const text = setup.encoder;

export function EncoderStep({ station }: { station: Station }) {
  const { data: ingest } = useEncoder(station.id);
  const seen = ingest?.connected === true;
  return (
    <Section title={text.title} description={text.text(station.name)}>
      {station.streamKey && station.rtmpUrl ? (
        <Stack gap="sm">
          <CopyField label={text.server} value={station.rtmpUrl} />
          <CopyField label={text.key} value={station.streamKey} secret />
        </Stack>
      ) : (
        <Text c="dimmed">{text.noKey}</Text>
      )}
      <List type="ordered" spacing="xs">{text.steps.map((step) => <List.Item key={step}>{step}</List.Item>)}</List>
      <Stack gap="xs" mih={64} role="status" aria-live="polite">
        <StatusMark tone={seen ? 'good' : 'wait'} label={seen ? text.seen : text.waiting} />
        <Text c="dimmed" size="sm">{seen ? text.facts(encoderFacts(ingest)) : text.waitingText}</Text>
        {seen && <Text c="dimmed" size="sm">{text.goLive}</Text>}
      </Stack>
      <Group>
        <Button component={Link} to="/dashboard" variant={seen ? 'filled' : 'default'}>{text.toDashboard}</Button>
        <Button component={Link} to="/multistream" variant="default">{text.toMultistream}</Button>
      </Group>
    </Section>
  );
}
