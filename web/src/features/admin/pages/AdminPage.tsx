import { Button, Tabs } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useSearchParams } from 'react-router';
import { Page } from '@/shared/components/Page';
import { admin as text } from '@/text/en/admin';
import { NewUser } from '../components/NewUser';
import { ServerPanel } from '../components/ServerPanel';
import { UserList } from '../components/UserList';

export default function AdminPage() {
  const [params, setParams] = useSearchParams();
  const [making, dialog] = useDisclosure(false);
  const tab = params.get('tab') === 'server' ? 'server' : 'users';
  return (
    <Page title={text.title} width={1120} actions={tab === 'users' && <Button size="xs" leftSection={<IconPlus size={16} />} onClick={dialog.open}>{text.users.add}</Button>}>
      <Tabs value={tab} onChange={(to) => setParams(to === 'server' ? { tab: 'server' } : {}, { replace: true })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="users">{text.tabs.users}</Tabs.Tab>
          <Tabs.Tab value="server">{text.tabs.server}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users"><UserList /></Tabs.Panel>
        <Tabs.Panel value="server"><ServerPanel /></Tabs.Panel>
      </Tabs>
      <NewUser opened={making} onClose={dialog.close} />
    </Page>
  );
}
