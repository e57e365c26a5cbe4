// Station, destination, encoder: what leads to the first show.
import { Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useStreamStatus } from '@/features/multistream/api';
import { CopyField } from '@/shared/components/CopyField';
import { Failure, Loading, messageOf } from '@/shared/components/Feedback';
import { StatusMark } from '@/shared/components/StatusMark';
import { dashboard } from '@/text/en/dashboard';
import { useCreateStation, useEncoderSettings } from '../api';
import type { Steps } from '../outcome';
import classes from './Dashboard.module.css';

const words = dashboard.first;

export function FirstSteps({ steps, stationId, onAddDestination }: { steps: Steps; stationId: string | undefined; onAddDestination: () => void }) {
  return (
    <section className={classes.panel}>
      <Title order={2}>{words.title}</Title>
      <ol className={classes.steps}>
        <Step number={1} title={words.station} text={words.stationText} done={steps.station}>{!steps.station && <StationForm />}</Step>
        <Step number={2} title={words.destination} text={words.destinationText} done={steps.destination}>
          {!steps.destination && <div><Button variant="default" onClick={onAddDestination}>{words.add}</Button></div>}
        </Step>
        <Step number={3} title={words.obs} text={words.obsText} done={steps.encoder}>{stationId ? <EncoderStep stationId={stationId} /> : <Text className={classes.small}>{words.obsFirst}</Text>}</Step>
      </ol>
    </section>
  );
}

function Step({ number, title, text, done, children }: { number: number; title: string; text: string; done: boolean; children: ReactNode }) {
  return (
    <li className={classes.step}>
      <span className={classes.line}><Title order={3}>{number}. {title}</Title><StatusMark tone={done ? 'good' : 'off'} label={done ? words.done : words.open} /></span>
      <Text size="sm" c="dimmed">{text}</Text>
      {children}
    </li>
  );
}

function StationForm() {
  const [name, setName] = useState('');
  const create = useCreateStation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm" align="flex-start">
        <TextInput w="100%" label={words.stationName} value={name} maxLength={100} error={create.isError && messageOf(create.error)} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>{words.make}</Button>
      </Stack>
    </form>
  );
}

function EncoderStep({ stationId }: { stationId: string }) {
  const [shown, setShown] = useState(false);
  const status = useStreamStatus(stationId);
  const there = status.data?.ingest?.connected === true;
  return (
    <Stack gap="sm">
      {shown ? <Settings stationId={stationId} /> : <div><Button variant="default" onClick={() => setShown(true)}>{words.obsShow}</Button></div>}
      <div role="status"><StatusMark tone={there ? 'good' : 'wait'} label={there ? words.there : words.waiting} /></div>
    </Stack>
  );
}

function Settings({ stationId }: { stationId: string }) {
  const settings = useEncoderSettings(stationId);
  if (settings.isPending) return <Loading height={120} />;
  if (settings.isError) return <Failure error={settings.error} onRetry={() => void settings.refetch()} />;
  return (
    <>
      <CopyField label={words.server} value={settings.data.server} />
      <CopyField label={words.key} value={settings.data.key} secret />
    </>
  );
}
