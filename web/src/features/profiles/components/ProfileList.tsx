// Profiles, and making, changing and deleting them.
import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useProfiles } from '@/features/golive/api';
import { useDestinations } from '@/features/multistream/api';
import { useConfirm } from '@/shared/components/confirm';
import { Empty, Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { useUser } from '@/shared/session/useSession';
import { common } from '@/text/en/common';
import { multistream } from '@/text/en/multistream';
import { useDeleteProfile, type Profile } from '../api';
import classes from './Profiles.module.css';

const ProfileDialog = lazy(() => import('./ProfileDialog'));
const words = multistream.profile;

export function ProfileList() {
  const userId = useUser()?.id;
  const profiles = useProfiles();
  const destinations = useDestinations();
  const erase = useDeleteProfile();
  const confirm = useConfirm();
  const [edited, setEdited] = useState<Profile | 'new'>();
  const byId = new Map(destinations.data?.map((one) => [one.id, one]));
  const remove = async (profile: Profile) => {
    if (!(await confirm({ title: words.deleteTitle(profile.name), text: words.deleteText, action: common.delete }))) return;
    erase.mutate(profile.id, { onError: (error) => void notifications.show({ title: common.failedTitle, message: messageOf(error), autoClose: 8000 }) });
  };
  const dialog = <Suspense>{edited && <ProfileDialog profile={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}</Suspense>;
  const add = <Button variant="default" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setEdited('new')}>{words.add}</Button>;

  if (profiles.isPending || destinations.isPending) return <Loading height={320} />;
  if (profiles.isError) return <Failure error={profiles.error} onRetry={() => void profiles.refetch()} />;
  const own = profiles.data.filter(({ ownerId }) => ownerId === userId);
  if (own.length === 0) return <><Empty title={words.emptyTitle} action={add}>{words.emptyText}</Empty>{dialog}</>;
  return (
    <>
      <Group mb="sm">{add}</Group>
      <ul className={classes.list} aria-label={multistream.profiles}>
        {own.map((profile) => (
          <li key={profile.id} className={classes.row}>
            <span className={classes.name}>
              <span className={classes.title}>{profile.name}</span>
              <Text component="span" size="xs" c="dimmed">{[words.count(profile.destinations.length), profile.isDefault && words.default, profile.recordingEnabled && words.records, profile.description].filter(Boolean).join(' · ')}</Text>
            </span>
            <span className={classes.members}>
              {profile.destinations.length === 0 ? words.none : profile.destinations.map(({ destinationId }) => {
                const one = byId.get(destinationId);
                return <span key={destinationId} className={classes.member}>{one && <PlatformMark platform={one.platform} size={14} />}{one?.name ?? words.gone}</span>;
              })}
            </span>
            <Group gap="sm" wrap="nowrap">
              <ActionIcon variant="default" size={32} aria-label={words.editOf(profile.name)} title={words.editOf(profile.name)} onClick={() => setEdited(profile)}><IconPencil size={16} /></ActionIcon>
              <ActionIcon variant="default" size={32} aria-label={words.deleteOf(profile.name)} title={words.deleteOf(profile.name)} onClick={() => void remove(profile)}><IconTrash size={16} /></ActionIcon>
            </Group>
          </li>
        ))}
      </ul>
      {dialog}
    </>
  );
}
