import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useConfirm } from '@/shared/components/confirm';
import { messageOf } from '@/shared/components/Feedback';
import { Section } from '@/shared/components/Section';
import { TimeText } from '@/shared/components/TimeText';
import { useSession } from '@/shared/session/useSession';
import { account as text } from '@/text/en/account';
import { common } from '@/text/en/common';
import { signOutEverywhere } from '../api';

export function SignIns({ lastLoginAt }: { lastLoginAt: string | null }) {
  const session = useSession();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const end = async () => {
    if (!(await confirm({ title: text.signIns.confirmTitle, text: text.signIns.confirmText, action: text.signIns.action }))) return;
    setBusy(true);
    try {
      await signOutEverywhere();
      await session.signOut();
      notifications.show({ message: text.signIns.done });
      void navigate('/sign-in', { replace: true });
    } catch (error) {
      setBusy(false);
      notifications.show({ title: common.failedTitle, message: messageOf(error), autoClose: 8000 });
    }
  };
  return (
    <Section title={text.signIns.title} description={text.signIns.text}>
      <Group justify="space-between">
        <Text>{lastLoginAt && <>{text.signIns.lastSignIn} <TimeText time={lastLoginAt} /></>}</Text>
        <Button variant="default" loading={busy} onClick={() => void end()}>{text.signIns.action}</Button>
      </Group>
    </Section>
  );
}
