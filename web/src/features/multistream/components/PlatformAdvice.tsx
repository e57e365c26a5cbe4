import { Anchor, Stack, Text, Title } from '@mantine/core';
import { multistream } from '@/text/en/multistream';
import type { Platform } from '../api';
import { limitWords } from '../limits';
import classes from './DestinationDialog.module.css';

const words = multistream.dialog;

export function PlatformAdvice({ platform }: { platform: Platform }) {
  const limits = limitWords(platform);
  return (
    <Stack gap="sm" className={classes.advice}>
      <Title order={3}>{words.advice(platform.name)}</Title>
      {platform.key.help && (
        <div>
          <Text fw={600} size="sm">{words.where}</Text>
          <span>{platform.key.help} </span>
          {platform.key.page && <Anchor href={platform.key.page} target="_blank" rel="noreferrer noopener" size="sm" underline="always">{words.keyPage(platform.name)}</Anchor>}
        </div>
      )}
      {platform.key.perBroadcast && <span>{words.perBroadcast}</span>}
      <div>
        <Text fw={600} size="sm">{words.limits}</Text>
        <span>{limits.length > 0 ? `${limits.join(', ')}.` : words.anything} {words.copy}</span>
      </div>
      {platform.advice.length > 0 && <ul>{platform.advice.map((line) => <li key={line}>{line}</li>)}</ul>}
    </Stack>
  );
}
