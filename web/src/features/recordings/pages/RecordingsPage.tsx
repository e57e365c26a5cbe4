import { Button, Group, Paper, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { Empty, Failure, Loading } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useUser } from '@/shared/session/useSession';
import { common } from '@/text/en/common';
import { recordings as text } from '@/text/en/recordings';
import { useRecordings, useStationNames } from '../api';
import { EditRecording } from '../components/EditRecording';
import { RecordingRow } from '../components/RecordingRow';
import classes from '../components/RecordingRow.module.css';
import type { Recording } from '../recording';

export default function RecordingsPage() {
  const user = useUser();
  const admin = user?.role === 'admin';
  const [params, setParams] = useSearchParams();
  const mine = !admin || params.get('whose') !== 'all';
  const stationId = params.get('station') ?? undefined;
  const recordings = useRecordings({ stationId, mine });
  const names = useStationNames(mine);
  const [editing, setEditing] = useState<Recording>();

  const filter = (name: string, value: string | null) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      if (value) next.set(name, value);
      else next.delete(name);
      if (name === 'whose') next.delete('station');
      return next;
    }, { replace: true });
  const all = recordings.data?.pages.flatMap((page) => page.assets) ?? [];

  const content = () => {
    if (recordings.isPending) return <Loading height={320} />;
    if (recordings.isError && !recordings.data) return <Failure error={recordings.error} onRetry={() => void recordings.refetch()} />;
    if (all.length === 0)
      return <Empty title={text.emptyTitle} action={<Button component={Link} to="/dashboard" variant="default">{text.goLive}</Button>}>{stationId ? text.emptyStation : text.emptyText}</Empty>;
    return (
      <Paper withBorder px="md">
        <ul className={classes.list} aria-label={text.list}>
          {all.map((one) => (
            <RecordingRow
              key={one.id}
              recording={one}
              stationName={one.stationId ? names.data?.get(one.stationId) : undefined}
              manages={admin || one.ownerId === user?.id}
              onEdit={() => setEditing(one)}
            />
          ))}
        </ul>
      </Paper>
    );
  };
  return (
    <Page
      title={text.title}
      width={1120}
      actions={
        <>
          {admin && <SegmentedControl size="xs" aria-label={text.whose} value={mine ? 'mine' : 'all'} onChange={(to) => filter('whose', to === 'all' ? 'all' : null)} data={[{ value: 'mine', label: text.mine }, { value: 'all', label: text.everybody }]} />}
          <Select size="xs" w={200} aria-label={text.station} placeholder={text.allStations} clearable data={[...(names.data ?? [])].map(([value, label]) => ({ value, label }))} value={stationId ?? null} onChange={(to) => filter('station', to)} />
        </>
      }
    >
      {content()}
      {recordings.hasNextPage && <Group justify="center"><Button variant="default" loading={recordings.isFetchingNextPage} onClick={() => void recordings.fetchNextPage()}>{common.more}</Button></Group>}
      <EditRecording recording={editing} onClose={() => setEditing(undefined)} />
    </Page>
  );
}
