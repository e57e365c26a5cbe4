// The station's key, for its owner: hidden, to be copied, and made anew. It is kept only while this is open.
import { Button, Group, Stack, Text } from '@mantine/core';
import { CopyField } from '@/shared/components/CopyField';
import { Failure, Loading } from '@/shared/components/Feedback';
import { useSecret } from '@/shared/useSecret';
import { stations } from '@/text/en/stations';
import { askStationSecret, rotateStationKey } from '../api';

const WAYS = {
  ask: askStationSecret,
  rotate: rotateStationKey,
  question: { title: stations.rotateTitle, text: stations.rotateText, action: stations.rotateAction },
  rotated: stations.rotated,
};

export function StationKey({ stationId }: { stationId: string }) {
  const { secret, error, again, rotating, rotate } = useSecret(stationId, WAYS);
  if (error) return <Failure error={error} onRetry={again} />;
  if (!secret) return <Loading height={180} />;
  return (
    <Stack>
      <CopyField label={stations.server} value={secret.rtmpUrl} />
      {secret.streamKey ? <CopyField key={secret.streamKey} label={stations.key} value={secret.streamKey} secret /> : <Text c="dimmed">{stations.notOwner}</Text>}
      <Text c="dimmed">{stations.keyWarning}</Text>
      <Group justify="flex-end">
        <Button variant="default" loading={rotating} onClick={() => void rotate()}>{stations.rotate}</Button>
      </Group>
    </Stack>
  );
}
