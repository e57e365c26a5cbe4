// Connects as a show would, publishes nothing, and says which step failed.
import { Alert, Button, Group, Loader, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '@/shared/components/Feedback';
import { StatusMark } from '@/shared/components/StatusMark';
import { common } from '@/text/en/common';
import { multistream } from '@/text/en/multistream';
import { testDestination, usePlatforms } from '../api';
import { explain, sentence, whoOf } from '../explain';
import type { Destination } from '../patch';
import { problemOf, testSteps } from '../testSteps';
import classes from './TestDialog.module.css';

const words = multistream.test;

export default function TestDialog({ destination, onClose }: { destination: Pick<Destination, 'id' | 'name' | 'platform' | 'rtmpUrl' | 'bridgeProxyUrl'>; onClose: () => void }) {
  const platform = usePlatforms().data?.find(({ id }) => id === destination.platform);
  // Asked when it is opened and when it is asked for again, and never kept.
  const test = useQuery({ queryKey: ['connectionTest', destination.id], queryFn: () => testDestination(destination.id), gcTime: 0, staleTime: 0, retry: false, refetchOnReconnect: false });
  return (
    <Modal opened onClose={onClose} title={words.title(destination.name)} centered size="lg">
      <Stack mih={280}>
        <div role="status" aria-live="polite">
          {test.isFetching && <Group gap="sm"><Loader size="xs" /><Text>{words.running}</Text></Group>}
          {!test.isFetching && test.data && (
            <Text fw={600}>{test.data.ok ? <StatusMark tone="good" label={words.ok} /> : <StatusMark tone="bad" label={words.failed(words.steps[test.data.failedStep ?? 'settings'] ?? '')} />}</Text>
          )}
        </div>
        {!test.isFetching && test.isError && <Failure error={test.error} />}
        {!test.isFetching && test.data && (
          <>
            <ol className={classes.steps}>
              {testSteps(test.data, destination).map(({ name, state, tookMs, message }) => (
                <li key={name} className={classes.step}>
                  <StatusMark tone={state === 'passed' ? 'good' : state === 'failed' ? 'bad' : 'off'} label={state === 'passed' ? words.passed : state === 'failed' ? words.failedStep : words.notReached} iconOnly />
                  <span>{words.steps[name] ?? name}</span>
                  <span className={classes.took}>{tookMs === undefined ? words.notReached : words.took(tookMs)}</span>
                  {message && <span className={classes.message}>{sentence(message)} {state === 'failed' && explain(problemOf(name), whoOf(destination.platform, destination.name, platform?.name ?? destination.platform, platform?.key.help))?.todo}</span>}
                </li>
              ))}
            </ol>
            {!test.data.ok && test.data.message && !test.data.steps.some(({ message }) => message === test.data.message) && (
              <Alert color="gray" variant="outline">{sentence(test.data.message)}</Alert>
            )}
          </>
        )}
        <Group justify="flex-end" mt="auto">
          <Button variant="default" disabled={test.isFetching} onClick={() => void test.refetch()}>{words.again}</Button>
          <Button onClick={onClose} data-autofocus>{common.close}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
