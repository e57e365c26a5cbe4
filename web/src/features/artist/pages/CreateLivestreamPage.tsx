import { Text } from '@mantine/core';
import { useNavigate } from 'react-router';
import { Page } from '@/shared/components/Page';
import { artist } from '@/text/en/artist';
import { LivestreamForm } from '../components/LivestreamForm';

export default function CreateLivestreamPage() {
  const navigate = useNavigate();
  return (
    <Page title={artist.createTitle} width={720}>
      <Text c="dimmed">{artist.createText}</Text>
      <LivestreamForm onDone={(livestream) => void navigate(`/artist/livestreams/${livestream.id}`)} />
    </Page>
  );
}
