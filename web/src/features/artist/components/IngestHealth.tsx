// What arrives from the encoder, row by row, with what to do where it is not well.
import { Stack, Text, Title } from '@mantine/core';
import { StatusMark } from '@/shared/components/StatusMark';
import { artist } from '@/text/en/artist';
import { useStreamHealth, type SimulcastStatus } from '../api';
import { ingestWords, otherIssues } from '../health';
import classes from './Control.module.css';

export function IngestHealth({ streamId, stream }: { streamId: string; stream: SimulcastStatus | undefined }) {
  const health = useStreamHealth(streamId, stream?.isActive === true);
  const ingest = stream?.ingest;
  return (
    <Stack component="section" gap="sm" aria-labelledby="arrives" mih={160}>
      <Title order={2} id="arrives">{artist.health}</Title>
      {!ingest ? (
        <Text c="dimmed">{artist.healthNone}</Text>
      ) : (
        <dl className={classes.rows}>
          {ingestWords(ingest).map(({ name, value, tone, advice }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <StatusMark tone={tone} iconOnly label={artist.ingest.tones[tone]} />
                <span>
                  {value}
                  {advice && <Text component="span" size="sm" c="dimmed" display="block">{advice}</Text>}
                </span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {otherIssues(health.data?.issues ?? []).map((issue) => <Text key={issue.code} size="sm">{issue.message}</Text>)}
    </Stack>
  );
}
