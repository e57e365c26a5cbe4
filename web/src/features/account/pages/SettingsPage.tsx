import { SimpleGrid } from '@mantine/core';
import { Page } from '@/shared/components/Page';
import { useUser } from '@/shared/session/useSession';
import { account as text } from '@/text/en/account';
import { PasswordForm } from '../components/PasswordForm';
import { ProfileForm } from '../components/ProfileForm';
import { SignIns } from '../components/SignIns';
import { Tokens } from '../components/Tokens';

export default function SettingsPage() {
  const user = useUser();
  if (!user) return null;
  return (
    <Page title={text.settings.title} width={1040}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <ProfileForm user={user} />
        <PasswordForm email={user.email} />
      </SimpleGrid>
      <Tokens />
      <SignIns lastLoginAt={user.lastLoginAt} />
    </Page>
  );
}
