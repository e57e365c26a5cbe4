import { ActionIcon, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useConfirm } from '@/shared/components/confirm';
import { Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { Rows, Row } from '@/shared/components/Rows';
import { Section } from '@/shared/components/Section';
import { StatusMark } from '@/shared/components/StatusMark';
import { TimeText } from '@/shared/components/TimeText';
import { formatDateTime } from '@/shared/format';
import { account } from '@/text/en/account';
import { common } from '@/text/en/common';
import { useDeleteToken, useTokens, type ApiToken } from '../api';
import { isExpired } from '../expiry';
import { NewToken } from './NewToken';

const text = account.tokens;

export function Tokens() {
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  const all = tokens.data?.pages.flatMap((page) => page.tokens) ?? [];
  return (
    <Section
      title={text.title}
      description={text.text}
      actions={<Button size="xs" variant="default" leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>{text.create}</Button>}
    >
      {tokens.isPending && <Loading height={56} />}
      {tokens.isError && <Failure error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.isSuccess && all.length === 0 && <Text c="dimmed" mih={56}>{text.none}</Text>}
      {all.length > 0 && <Rows label={text.title}>{all.map((token) => <Token key={token.id} token={token} />)}</Rows>}
      {tokens.hasNextPage && <Group justify="center"><Button variant="default" size="xs" loading={tokens.isFetchingNextPage} onClick={() => void tokens.fetchNextPage()}>{common.more}</Button></Group>}
      <NewToken opened={making} onClose={() => setMaking(false)} />
    </Section>
  );
}

function Token({ token }: { token: ApiToken }) {
  const confirm = useConfirm();
  const remove = useDeleteToken();
  const ask = async () => {
    if (!(await confirm({ title: text.deleteTitle(token.name), text: text.deleteText, action: common.delete }))) return;
    remove.mutate(token.id, { onError: (error) => notifications.show({ title: text.notDeleted(token.name), message: messageOf(error), autoClose: 8000 }) });
  };
  return (
    <Row>
      <Stack gap={0} flex="1 1 200px" miw={0}>
        <Text fw={500} truncate title={token.name}>{token.name}</Text>
        <Text c="dimmed" size="sm">ect_…{token.tail} · {token.scopes.map((scope) => text.scope[scope] ?? scope).join(', ')}</Text>
      </Stack>
      <Text c="dimmed" size="sm" w={{ sm: 160 }}>{token.lastUsedAt ? <>{text.lastUsed} <TimeText time={token.lastUsedAt} /></> : text.never}</Text>
      <Text c="dimmed" size="sm" component="div" w={{ sm: 200 }}>
        {isExpired(token, Date.now()) ? <StatusMark tone="off" label={text.expired} /> : token.expiresAt ? `${text.expires} ${formatDateTime(token.expiresAt)}` : text.noEnd}
      </Text>
      <Tooltip label={common.delete}>
        <ActionIcon ml="auto" variant="subtle" color="gray" loading={remove.isPending} aria-label={text.deleteOne(token.name)} onClick={() => void ask()}><IconTrash size={16} /></ActionIcon>
      </Tooltip>
    </Row>
  );
}
