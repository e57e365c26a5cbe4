// One recording in the list: what it is, its state, and what can be done with it.
import { ActionIcon, Anchor, Group, Menu, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots, IconDownload, IconLock, IconPencil, IconPlayerPlay, IconTrash, IconVideo } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { ownAddress } from '@/shared/api/ownAddress';
import { useConfirm } from '@/shared/components/confirm';
import { messageOf } from '@/shared/components/Feedback';
import { StatusMark } from '@/shared/components/StatusMark';
import { formatBytes, formatDateTime, formatDuration } from '@/shared/format';
import { common } from '@/text/en/common';
import { recordings as text } from '@/text/en/recordings';
import { readRecording, useDeleteRecording } from '../api';
import { isRunning, recordingMark, titleOf, type Recording } from '../recording';
import classes from './RecordingRow.module.css';

interface Props {
  recording: Recording;
  stationName: string | undefined;
  /** Whether it is the viewer's to change. */
  manages: boolean;
  onEdit: () => void;
}

export function RecordingRow({ recording, stationName, manages, onEdit }: Props) {
  const title = titleOf(recording);
  const ready = recording.status === 'ready';
  // What still grows would be old as soon as it is shown.
  const whole = !isRunning(recording);
  const duration = whole && recording.duration > 0 ? formatDuration(recording.duration) : '';
  const size = whole && recording.sizeBytes > 0 ? formatBytes(recording.sizeBytes) : '';
  const place = stationName ?? text.noStation;
  return (
    <li className={classes.row}>
      <Poster url={ownAddress(recording.thumbnailUrl)} />
      <Stack gap={2} miw={0}>
        {ready ? (
          <Anchor component={Link} to={`/replays/${recording.id}`} fw={600} lineClamp={2} c="inherit">{title}</Anchor>
        ) : (
          <Text fw={600} lineClamp={2}>{title}</Text>
        )}
        <Text c="dimmed" size="sm" lineClamp={2}>
          <time dateTime={recording.recordedAt}>{formatDateTime(recording.recordedAt)}</time> · {place}
        </Text>
      </Stack>
      <Stack gap={2} miw={0} className={classes.facts}>
        <Group gap="sm">
          <StatusMark {...recordingMark(recording)} />
          <Text c="dimmed" size="sm" hiddenFrom="md">{[duration, size].filter(Boolean).join(' · ')}</Text>
          {recording.visibility === 'private' && (
            <Text c="dimmed" size="sm" component="span"><Group gap={4} component="span" wrap="nowrap"><IconLock size={14} aria-hidden="true" />{text.visibility.private}</Group></Text>
          )}
        </Group>
        {recording.error && <Text size="sm" c="dimmed" lineClamp={3} title={recording.error}>{recording.error}</Text>}
      </Stack>
      <Text className={classes.number} aria-label={`${text.duration}: ${duration || '–'}`}>{duration || '–'}</Text>
      <Text className={classes.number} aria-label={`${text.size}: ${size || '–'}`}>{size || '–'}</Text>
      <Actions recording={recording} title={title} ready={ready} manages={manages} onEdit={onEdit} />
    </li>
  );
}

function Actions({ recording, title, ready, manages, onEdit }: { recording: Recording; title: string; ready: boolean; manages: boolean; onEdit: () => void }) {
  const confirm = useConfirm();
  const remove = useDeleteRecording();
  const ask = async () => {
    if (!(await confirm({ title: text.deleteTitle(title), text: text.deleteText, action: common.delete }))) return;
    remove.mutate(recording.id, {
      onSuccess: () => notifications.show({ message: text.deleted(title) }),
      onError: (error) => notifications.show({ title: text.notDeleted(title), message: messageOf(error), autoClose: 8000 }),
    });
  };
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end" miw={76}>
      {ready && (
        <ActionIcon component={Link} to={`/replays/${recording.id}`} variant="subtle" color="gray" size="lg" aria-label={text.watchOne(title)} visibleFrom="sm"><IconPlayerPlay size={18} /></ActionIcon>
      )}
      {(ready || manages) && (
        <Menu position="bottom-end" width={176}>
          <Menu.Target><ActionIcon variant="subtle" color="gray" size="lg" aria-label={text.more(title)}><IconDots size={18} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            {ready && <Menu.Item component={Link} to={`/replays/${recording.id}`} leftSection={<IconPlayerPlay size={16} />}>{text.watch}</Menu.Item>}
            {ready && <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => void download(recording)}>{text.download}</Menu.Item>}
            {manages && <Menu.Item leftSection={<IconPencil size={16} />} onClick={onEdit}>{text.edit}</Menu.Item>}
            {manages && !isRunning(recording) && <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => void ask()}>{text.remove}</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}

async function download(recording: Recording): Promise<void> {
  try {
    const { videoUrl } = await readRecording(recording.id);
    if (!videoUrl) {
      notifications.show({ title: text.notDownloaded(titleOf(recording)), message: text.notReady });
      return;
    }
    const link = document.createElement('a');
    link.href = ownAddress(videoUrl) ?? videoUrl;
    // The server names the file.
    link.download = '';
    link.click();
  } catch (error) {
    notifications.show({ title: text.notDownloaded(titleOf(recording)), message: messageOf(error), autoClose: 8000 });
  }
}

/** The picture, or the mark of one where there is none yet. */
function Poster({ url }: { url: string | undefined }) {
  const [missing, setMissing] = useState<string>();
  return (
    <div className={classes.poster}>
      <IconVideo size={24} aria-hidden="true" />
      {url && url !== missing && <img src={url} alt="" width={128} height={72} loading="lazy" onError={() => setMissing(url)} />}
    </div>
  );
}
