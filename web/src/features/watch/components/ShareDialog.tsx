import { Modal, Stack, Text } from '@mantine/core';
import { CopyField } from '@/shared/components/CopyField';
import { watch } from '@/text/en/watch';
import { frameCode } from '../frame';

interface Props {
  link: string;
  /** Address of the embeddable player, where there is one for everybody. */
  embed?: string;
  onClose: () => void;
}

export default function ShareDialog({ link, embed, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={watch.shareTitle} centered size="lg">
      <Stack>
        <CopyField label={watch.shareLink} value={link} />
        {embed ? <CopyField label={watch.shareEmbed} description={watch.shareEmbedNote} value={frameCode(embed)} /> : <Text c="dimmed" size="sm">{watch.shareNoEmbed}</Text>}
      </Stack>
    </Modal>
  );
}
