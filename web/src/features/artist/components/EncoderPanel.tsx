// What goes into the encoder: server and key, hidden and to be copied, and how four encoders are set up with them.
import { Button, Code, CopyButton, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { CopyField } from '@/shared/components/CopyField';
import { Failure, Loading } from '@/shared/components/Feedback';
import { useSecret } from '@/shared/useSecret';
import { artist } from '@/text/en/artist';
import { common } from '@/text/en/common';
import { askSecret, rotateKey } from '../api';
import { DOTS, ffmpegCommand, joined } from '../guide';

const WAYS = {
  ask: askSecret,
  rotate: rotateKey,
  question: { title: artist.rotateTitle, text: artist.rotateText, action: artist.rotateAction },
  rotated: artist.rotated,
};
const GUIDES = ['obs', 'streamlabs', 'ffmpeg', 'larix'] as const;

/** The secret lives in this component alone, and goes with it. */
export function EncoderPanel({ showId }: { showId: string }) {
  const { secret, error, again, rotating, rotate } = useSecret(showId, WAYS);
  return (
    <Stack component="section" gap="sm" aria-labelledby="encoder">
      <Group justify="space-between" mih={30}>
        <Title order={2} id="encoder">{artist.encoder}</Title>
        {secret?.key && <Button variant="default" size="xs" loading={rotating} onClick={() => void rotate()}>{artist.rotate}</Button>}
      </Group>
      {error ? (
        <Failure error={error} onRetry={again} />
      ) : !secret ? (
        <Loading height={140} />
      ) : (
        <>
          <CopyField label={artist.server} value={secret.server} />
          {secret.key ? <CopyField key={secret.key} label={artist.key} description={artist.keyWarning} value={secret.key} secret /> : <Text c="dimmed">{artist.notOwner}</Text>}
          {secret.key && <Guides server={secret.server} streamKey={secret.key} />}
        </>
      )}
    </Stack>
  );
}

function Guides({ server, streamKey }: { server: string; streamKey: string }) {
  const [shown, setShown] = useState(false);
  const command = ffmpegCommand(server, shown ? streamKey : DOTS);
  return (
    <Stack gap="sm">
      <Title order={3}>{artist.howTo}</Title>
      <Tabs defaultValue="obs" keepMounted={false}>
        <Tabs.List aria-label={artist.howTo}>
          {GUIDES.map((name) => <Tabs.Tab key={name} value={name}>{artist.guides[name].name}</Tabs.Tab>)}
        </Tabs.List>
        {GUIDES.map((name) => (
          <Tabs.Panel key={name} value={name} pt="sm">
            <Stack gap="sm">
              {artist.guides[name].steps.length > 1 ? (
                <ol style={{ margin: 0, paddingInlineStart: 20 }}>{artist.guides[name].steps.map((step) => <li key={step}>{step}</li>)}</ol>
              ) : (
                <Text>{artist.guides[name].steps[0]}</Text>
              )}
              {(name === 'obs' || name === 'streamlabs') && (
                <dl style={{ margin: 0, display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '4px 16px' }}>
                  <dt>{artist.server}</dt>
                  <dd style={{ margin: 0 }}><Code>{server}</Code></dd>
                  <dt>{artist.key}</dt>
                  <dd style={{ margin: 0 }}><Code>{shown ? streamKey : DOTS}</Code></dd>
                </dl>
              )}
              {name === 'ffmpeg' && <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} aria-label={artist.command}>{command}</Code>}
              {name === 'larix' && <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} aria-label={artist.url}>{joined(server, shown ? streamKey : DOTS)}</Code>}
              <Group gap="sm">
                {name === 'ffmpeg' && <CopyText label={artist.copyCommand} value={ffmpegCommand(server, streamKey)} />}
                {name === 'larix' && <CopyText label={`${common.copy}: ${artist.url}`} value={joined(server, streamKey)} />}
                <Button size="xs" variant="default" aria-pressed={shown} onClick={() => setShown(!shown)}>{shown ? artist.hideKeys : artist.showKeys}</Button>
              </Group>
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}

function CopyText({ label, value }: { label: string; value: string }) {
  return <CopyButton value={value}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? common.copied : label}</Button>}</CopyButton>;
}
