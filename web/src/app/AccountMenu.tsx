// Who is signed in, and what one does about that.
import { Menu, UnstyledButton } from '@mantine/core';
import { IconLogout, IconSettings } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { useSession } from '@/shared/session/useSession';
import { common } from '@/text/en/common';

/** Open from the beginning: it is here because it was asked for. */
export default function AccountMenu({ children }: { children: ReactNode }) {
  const session = useSession();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" width={200} defaultOpened>
      <Menu.Target>
        <UnstyledButton maw={200}>{children}</UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>{common.nav.settings}</Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void session.signOut().then(() => navigate('/'))}>{common.nav.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
