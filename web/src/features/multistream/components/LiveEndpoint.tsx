// One destination of a running session: its state, its figures over the last minutes, and what can be done.
import { Button, Group } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { lazy, memo, Suspense, useMemo, useState } from 'react';
import { useConfirm } from '@/shared/components/confirm';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { StatusMark } from '@/shared/components/StatusMark';
import { outputMark } from '@/shared/components/states';
import { multistream } from '@/text/en/multistream';
import { explain, sentence, whoOf } from '../explain';
import { line, MEASURES, type Measure, type Sample } from '../metrics';
import type { SessionEndpoint } from '../patch';
import classes from './LiveSession.module.css';
import { NextTry } from './NextTry';

const Graph = lazy(() => import('./Graph'));
const words = multistream.session;
// The least top of each axis: small noise is drawn small.
const LEAST: Record<Measure, number> = { bitrate: 500, fps: 30, drops: 10, queue: 500, rtt: 50 };

interface Props {
  sessionId: string;
  endpoint: SessionEndpoint;
  samples: readonly Sample[];
  platformName: string;
  keyHelp: string | null | undefined;
  onRetry: (id: string, name: string) => void;
  onRemove: (id: string, name: string) => void;
}

export const LiveEndpoint = memo(function LiveEndpoint({ sessionId, endpoint, samples, platformName, keyHelp, onRetry, onRemove }: Props) {
  const { ref, inViewport } = useInViewport<HTMLLIElement>();
  const confirm = useConfirm();
  const { id, name, status, skipped } = endpoint;
  const told = explain(endpoint.problem, whoOf(endpoint.platform, name, platformName, keyHelp));
  const retriable = !skipped && status !== 'connected' && endpoint.problem !== 'waiting_for_encoder';
  const remove = async () => {
    if (await confirm({ title: words.removeTitle(name), text: words.removeText, action: words.removeAction })) onRemove(id, name);
  };
  return (
    <li ref={ref} className={classes.endpoint} data-endpoint={id}>
      <div className={classes.who}>
        <span className={classes.name}><PlatformMark platform={endpoint.platform} size={18} /><span className={classes.title} title={name}>{name}</span></span>
        <span aria-live="polite"><StatusMark {...outputMark(status)} /> {!skipped && <NextTry endpoint={endpoint} />}</span>
      </div>
      {MEASURES.map((measure) => <Figure key={measure} group={sessionId} measure={measure} id={id} samples={samples} drawn={inViewport} off={skipped} idle={status !== 'connected'} />)}
      <Group gap={4} wrap="nowrap" className={classes.acts}>
        <Button size="compact-sm" variant="default" disabled={!retriable} aria-label={words.retryOf(name)} onClick={() => onRetry(id, name)}>{words.retry}</Button>
        <Button size="compact-sm" variant="default" aria-label={words.removeOf(name)} onClick={() => void remove()}>{words.remove}</Button>
      </Group>
      {(told || skipped || endpoint.advice.length > 0) && (
        <div className={classes.why} aria-live="polite">
          {skipped && <span>{words.skipped}: {sentence(endpoint.detail ?? '')} </span>}
          {told && !skipped && <span>{told.what} {told.todo} </span>}
          {told && endpoint.lastError && <span className={classes.dim}>{multistream.row.said(sentence(endpoint.lastError))} </span>}
          {endpoint.advice.filter(({ severity }) => severity !== 'info').map(({ code, message }) => <span key={code}>{message} </span>)}
        </div>
      )}
    </li>
  );
});

function Figure({ group, measure, id, samples, drawn, off, idle }: { group: string; measure: Measure; id: string; samples: readonly Sample[]; drawn: boolean; off: boolean; idle: boolean }) {
  const [point, setPoint] = useState<number>();
  const [times, values] = useMemo(() => (drawn ? line(samples, id, measure) : [[], []]), [drawn, samples, id, measure]);
  // Under the cursor what was then, otherwise what is now; what does not flow has no figures.
  const shown = point !== undefined ? values[point] : idle ? undefined : values.at(-1);
  return (
    <div className={classes.figure} data-measure={measure}>
      <span className={classes.measure}>{words.measures[measure]}</span>
      <span className={classes.value}>{off || shown === undefined || shown === null ? words.nothingYet : words.value[measure](shown)}</span>
      <div className={classes.graph}>
        {drawn && !off && times.length > 0 && (
          <Suspense>
            <Graph group={group} times={times} values={values} until={(samples.at(-1)?.at ?? 0) / 1000} least={LEAST[measure]} onPoint={setPoint} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
