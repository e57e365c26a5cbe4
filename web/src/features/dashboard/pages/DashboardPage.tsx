// At a glance: the encoder, what is live and how it goes, what is next, what was.
import { Button } from '@mantine/core';
import { IconBroadcast } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useOwnStations } from '@/features/golive/api';
import { GoLiveDialog } from '@/features/golive/components/GoLiveDialog';
import { useGoLive } from '@/features/golive/useGoLive';
import { useDestinations, useOwnSessions, useStreamStatus } from '@/features/multistream/api';
import { useLiveUpdates } from '@/features/multistream/live';
import { Page } from '@/shared/components/Page';
import { dashboard } from '@/text/en/dashboard';
import { golive } from '@/text/en/golive';
import { useRecentSessions } from '../api';
import classes from '../components/Dashboard.module.css';
import { Encoders } from '../components/Encoders';
import { FirstSteps } from '../components/FirstSteps';
import { NextShows } from '../components/NextShows';
import { OnAir } from '../components/OnAir';
import { RecentRecordings } from '../components/RecentRecordings';
import { RecentSessions } from '../components/RecentSessions';
import { firstSteps } from '../outcome';

const DestinationDialog = lazy(() => import('@/features/multistream/components/DestinationDialog'));

export default function DashboardPage() {
  useLiveUpdates();
  const dialog = useGoLive();
  const [adding, setAdding] = useState(false);
  const stations = useOwnStations();
  const destinations = useDestinations();
  const running = useOwnSessions();
  const recent = useRecentSessions(1);
  const firstStation = stations.data?.[0]?.id;
  const encoder = useStreamStatus(firstStation);
  const known = stations.data && destinations.data && running.data && recent.data;
  const steps = known
    ? firstSteps({ stations: stations.data.length, destinations: destinations.data.length, encoderSeen: encoder.data?.ingest?.connected === true, sessions: running.data.length + recent.data.length })
    : undefined;
  return (
    <Page title={dashboard.title} actions={<Button leftSection={<IconBroadcast size={16} aria-hidden="true" />} onClick={() => dialog.open()}>{golive.button}</Button>}>
      {steps && <FirstSteps steps={steps} stationId={firstStation} onAddDestination={() => setAdding(true)} />}
      <div className={classes.grid}>
        <div className={classes.column}>
          <OnAir onManage={dialog.open} />
          <RecentSessions />
        </div>
        <div className={classes.column}>
          <Encoders />
          <NextShows />
          <RecentRecordings />
        </div>
      </div>
      <GoLiveDialog opened={dialog.opened} onClose={dialog.close} stationId={dialog.streamId} />
      <Suspense>{adding && <DestinationDialog onClose={() => setAdding(false)} />}</Suspense>
    </Page>
  );
}
