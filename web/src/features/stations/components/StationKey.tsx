// The station's key, for its owner: hidden, to be copied, and made anew. It is kept only while this is open.
import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import { useConfirm } from '@/shared/components/confirm';
import { CopyField } from '@/shared/components/CopyField';
import { Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { stations } from '@/text/en/stations';
import { askStationSecret, rotateStationKey, type StationSecret } from '../api';

export function StationKey({ stationId }: { stationId: string }) {
  const [secret, setSecret] = useState<StationSecret>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const [rotating, setRotating] = useState(false);
  const confirm = useConfirm();
  useEffect(() => {
    let gone = false;
    askStationSecret(stationId).then(
      (told) => !gone && setSecret(told),
      (failure: unknown) => !gone && setError(failure),
    );
    return () => {
      gone = true;
    };
  }, [stationId, turn]);

  const rotate = async () => {
    if (!(await confirm({ title: stations.rotateTitle, text: stations.rotateText, action: stations.rotateAction }))) return;
    setRotating(true);
    try {
      setSecret(await rotateStationKey(stationId));
      notifications.show({ message: stations.rotated, color: 'gray' });
    } catch (failure) {
      notifications.show({ message: messageOf(failure), color: 'gray' });
    }
    setRotating(false);
  };

  if (error) return <Failure error={error} onRetry={() => { setError(undefined); setTurn(turn + 1); }} />;
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
