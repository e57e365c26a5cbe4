// Whether the encoder of each station is connected, and what it sends.
import { Text, Title } from '@mantine/core';
import { useOwnStations } from '@/features/golive/api';
import { encoderCheck, encoderFacts } from '@/features/golive/preflight';
import { useStreamStatus } from '@/features/multistream/api';
import { Failure, Loading } from '@/shared/components/Feedback';
import { StatusMark } from '@/shared/components/StatusMark';
import { dashboard } from '@/text/en/dashboard';
import classes from './Dashboard.module.css';

const MOST = 4;

export function Encoders() {
  const stations = useOwnStations();
  const all = stations.data ?? [];
  return (
    <section className={classes.panel}>
      <Title order={2}>{dashboard.encoders}</Title>
      {stations.isPending && <Loading height={64} />}
      {stations.isError && <Failure error={stations.error} onRetry={() => void stations.refetch()} />}
      {stations.data && all.length === 0 && <Text c="dimmed">{dashboard.noStations}</Text>}
      <ul className={classes.list}>{all.slice(0, MOST).map(({ id, name }) => <Encoder key={id} stationId={id} name={name} />)}</ul>
      {all.length > MOST && <Text className={classes.small}>{dashboard.moreStations(all.length - MOST)}</Text>}
    </section>
  );
}

function Encoder({ stationId, name }: { stationId: string; name: string }) {
  const status = useStreamStatus(stationId);
  const ingest = status.data?.ingest;
  return (
    <li aria-live="polite" data-encoder={stationId}>
      <span className={classes.line}>
        <span className={classes.cut} title={name}>{name}</span>
        <StatusMark tone={ingest?.connected ? encoderCheck(ingest).tone : 'off'} label={ingest?.connected ? dashboard.encoderThere : dashboard.encoderAway} />
      </span>
      {ingest?.connected && <span className={classes.small}>{encoderFacts(ingest)}</span>}
    </li>
  );
}
