import { ActionIcon, Button, Group, Menu, Select, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCoins, IconDots, IconUserCheck, IconUserOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useConfirm } from '@/shared/components/confirm';
import { Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { StatusMark } from '@/shared/components/StatusMark';
import { TimeText } from '@/shared/components/TimeText';
import { formatCount } from '@/shared/format';
import { useUser } from '@/shared/session/useSession';
import { admin } from '@/text/en/admin';
import { common } from '@/text/en/common';
import { useChangeUser, useUsers, type Role, type User, type UserChange } from '../api';
import { GrantTokens } from './GrantTokens';
import { ROLES } from './roles';

const text = admin.users;

export function UserList() {
  const users = useUsers();
  const [granting, setGranting] = useState<User>();
  if (users.isPending) return <Loading height={320} />;
  if (users.isError && !users.data) return <Failure error={users.error} onRetry={() => void users.refetch()} />;
  return (
    <Stack gap="md">
      <Table aria-label={text.list} verticalSpacing="xs" horizontalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.name}</Table.Th>
            <Table.Th w={160}>{text.role}</Table.Th>
            <Table.Th visibleFrom="sm" w={112}>{text.state}</Table.Th>
            <Table.Th visibleFrom="sm" w={96} ta="right">{text.balance}</Table.Th>
            <Table.Th visibleFrom="md" w={168} pl="lg">{text.lastSignIn}</Table.Th>
            <Table.Th w={48}><VisuallyHidden>{text.actions}</VisuallyHidden></Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.data.pages.flatMap((page) => page.users).map((user) => <UserRow key={user.id} user={user} onGrant={() => setGranting(user)} />)}
        </Table.Tbody>
      </Table>
      {users.hasNextPage && <Group justify="center"><Button variant="default" loading={users.isFetchingNextPage} onClick={() => void users.fetchNextPage()}>{common.more}</Button></Group>}
      <GrantTokens user={granting} onClose={() => setGranting(undefined)} />
    </Stack>
  );
}

function UserRow({ user, onGrant }: { user: User; onGrant: () => void }) {
  const me = useUser();
  const confirm = useConfirm();
  const change = useChangeUser();
  const self = me?.id === user.id;
  const apply = (wanted: UserChange) =>
    change.mutate({ user, change: wanted }, { onError: (error) => notifications.show({ title: text.notChanged(user.name), message: messageOf(error), autoClose: 8000 }) });
  const setRole = async (role: Role) => {
    if (role === user.role) return;
    if (self && !(await confirm({ title: text.ownRoleTitle, text: text.ownRoleText, action: text.ownRole }))) return;
    if (role === 'admin' && !(await confirm({ title: text.toAdminTitle(user.name), text: text.toAdminText, action: text.toAdmin }))) return;
    apply({ role });
  };
  const disable = async () => {
    if (await confirm({ title: text.disableTitle(user.name), text: text.disableText, action: text.disableAction })) apply({ disabled: true });
  };
  const state = <StatusMark tone={user.disabled ? 'off' : 'good'} label={user.disabled ? text.disabled : text.active} />;
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={500} lineClamp={1} title={user.name}>{user.name}{self && <Text span c="dimmed"> ({text.you})</Text>}</Text>
        <Text c="dimmed" size="sm" lineClamp={1} title={user.email}>{user.email}</Text>
        {user.disabled && <Text component="div" size="sm" hiddenFrom="sm">{state}</Text>}
      </Table.Td>
      <Table.Td>
        <Select size="xs" aria-label={text.roleOf(user.name)} data={ROLES} value={user.role} allowDeselect={false} onChange={(role) => role && void setRole(role as Role)} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{state}</Table.Td>
      <Table.Td visibleFrom="sm" ta="right">{formatCount(user.tokenBalance)}</Table.Td>
      <Table.Td visibleFrom="md" pl="lg">{user.lastLoginAt ? <TimeText time={user.lastLoginAt} /> : <Text span c="dimmed">{text.never}</Text>}</Table.Td>
      <Table.Td>
        <Menu position="bottom-end" width={224}>
          <Menu.Target><ActionIcon variant="subtle" color="gray" size="lg" aria-label={text.more(user.name)}><IconDots size={18} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconCoins size={16} />} onClick={onGrant}>{text.grant}</Menu.Item>
            {user.disabled ? (
              <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => apply({ disabled: false })}>{text.enable}</Menu.Item>
            ) : (
              !self && <Menu.Item leftSection={<IconUserOff size={16} />} onClick={() => void disable()}>{text.disable}</Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}
